namespace EquinixOtp.Client;

/// <summary>The result of a verified OTP.</summary>
/// <param name="SessionToken">The session token, or null: the published contract is an empty 204.</param>
/// <param name="RequestId">The response's <c>X-Request-Id</c>, or null.</param>
public sealed record OtpVerification(string? SessionToken, string? RequestId)
{
    /// <summary>Returns only the type's name: a record's default text would contain the token.</summary>
    public override string ToString() => nameof(OtpVerification);
}
