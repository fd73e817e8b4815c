using System.Security;

namespace EquinixOtp;

/// <summary>A confirmed OTP (<c>POST /user/otp/verify/{otp}</c>).</summary>
public sealed class OtpConfirmation
{
    internal OtpConfirmation(SecureString? sessionToken, Uri apiUrl, bool isByEnvironmentsToken, string? requestId)
    {
        SessionToken = sessionToken;
        ApiUrl = apiUrl;
        IsByEnvironmentsToken = isByEnvironmentsToken;
        RequestId = requestId;
    }

    /// <summary>The session token that the API handed out, or null when it sent none. The other cmdlets use it down the pipeline.</summary>
    public SecureString? SessionToken { get; }

    /// <summary>The base URL of the API that confirmed. The other cmdlets call it down the pipeline, so that the session token goes to no other.</summary>
    public Uri ApiUrl { get; }

    internal bool IsByEnvironmentsToken { get; }

    /// <summary>When the API's confirmation arrived, by this machine's clock.</summary>
    public DateTimeOffset ConfirmedAt { get; } = DateTimeOffset.Now;

    /// <summary>The answer's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; }
}
