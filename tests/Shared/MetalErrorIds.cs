namespace EquinixOtp.Tests;

/// <summary>The documented error ids, repeated here so that a renamed constant fails a test.</summary>
internal static class MetalErrorIds
{
    public const string AmbiguousIdentity = nameof(AmbiguousIdentity);
    public const string InternalError = nameof(InternalError);
    public const string InvalidDefaultValue = nameof(InvalidDefaultValue);
    public const string TokenNotFound = "TokenNotFound";
    public const string InvalidToken = "InvalidToken";
    public const string InvalidApiUrl = "InvalidApiUrl";
    public const string InsecureApiUrl = "InsecureApiUrl";
    public const string InvalidProxy = "InvalidProxy";
    public const string InvalidOtp = "InvalidOtp";
    public const string InvalidTotpSecret = "InvalidTotpSecret";
    public const string OtpRejected = "OtpRejected";
    public const string Unauthorized = "Unauthorized";
    public const string Forbidden = "Forbidden";
    public const string NotFound = "NotFound";
    public const string RequestRejected = "RequestRejected";
    public const string RateLimited = "RateLimited";
    public const string ServerError = "ServerError";
    public const string Timeout = "Timeout";
    public const string ConnectionFailed = "ConnectionFailed";
    public const string UnexpectedRedirect = "UnexpectedRedirect";
    public const string InvalidResponse = "InvalidResponse";
}
