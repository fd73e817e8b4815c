namespace EquinixOtp.Client;

/// <summary>What the API answered to a verified OTP.</summary>
/// <param name="SessionToken">The session token, or null: the published contract is an empty 204.</param>
/// <param name="RequestId">The answer's <c>X-Request-Id</c>, or null.</param>
public sealed record OtpVerification(string? SessionToken, string? RequestId)
{
    /// <summary>The type's name alone: a record's own text would show the token.</summary>
    public override string ToString() => nameof(OtpVerification);
}
