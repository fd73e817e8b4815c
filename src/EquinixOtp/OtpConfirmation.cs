using System.Security;

namespace EquinixOtp;

/// <summary>A confirmed OTP (<c>POST /user/otp/verify/{otp}</c>).</summary>
public sealed class OtpConfirmation
{
    internal OtpConfirmation(SecureString? sessionToken, Uri apiUrl, string? requestId)
    {
        SessionToken = sessionToken;
        ApiUrl = apiUrl;
        RequestId = requestId;
    }

    /// <summary>The session token that the API handed out, or null when it sent none. Pipes into the other cmdlets' <c>-Token</c>.</summary>
    public SecureString? SessionToken { get; }

    /// <summary>The base URL of the API that confirmed. Pipes into the other cmdlets' <c>-ApiUrl</c>, so that the session token goes to no other.</summary>
    public Uri ApiUrl { get; }

    /// <summary>When the API's confirmation arrived, by this machine's clock.</summary>
    public DateTimeOffset ConfirmedAt { get; } = DateTimeOffset.Now;

    /// <summary>The answer's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; }
}
