using System.Security;

namespace EquinixOtp;

/// <summary>
/// A confirmed OTP (<c>POST /user/otp/verify/{otp}</c>). Given a confirmation, the other cmdlets act as the user who was confirmed,
/// at the API that confirmed.
/// </summary>
public sealed class OtpConfirmation
{
    internal OtpConfirmation(Uri apiUrl, SecureString? sessionToken)
    {
        ApiUrl = apiUrl;
        SessionToken = sessionToken;
    }

    /// <summary>The session token of the response, or null if it had none.</summary>
    public SecureString? SessionToken { get; }

    /// <summary>The base URL of the API that confirmed.</summary>
    public Uri ApiUrl { get; }

    /// <summary>The time of the response, by this machine's clock.</summary>
    public DateTimeOffset ConfirmedAt { get; internal init; } = DateTimeOffset.Now;

    /// <summary>The response's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>The token that confirmed. Null after serialization, which keeps public properties only.</summary>
    internal SecureString? ConfirmingToken { get; init; }
}
