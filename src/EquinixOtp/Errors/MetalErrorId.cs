namespace EquinixOtp;

/// <summary>
/// The ids of the module's errors: the part of <c>FullyQualifiedErrorId</c> before the comma. They don't change between
/// versions; texts may.
/// </summary>
public static class MetalErrorId
{
    /// <summary>Neither <c>-Token</c> nor an environment variable gives a token. Ends the pipeline.</summary>
    public const string TokenNotFound = nameof(TokenNotFound);

    /// <summary>The token is empty or null, too long, or has characters that no header can carry. Ends the pipeline.</summary>
    public const string InvalidToken = nameof(InvalidToken);

    /// <summary>The API's URL is null or not absolute http(s), or has user info, a query or a fragment. Ends the pipeline.</summary>
    public const string InvalidApiUrl = nameof(InvalidApiUrl);

    /// <summary>The API's URL is plain http to another machine, or to this one by way of another (a proxy). Ends the pipeline.</summary>
    public const string InsecureApiUrl = nameof(InsecureApiUrl);

    /// <summary>The proxy's URL can't be used, or the proxy parameters contradict each other. Ends the pipeline.</summary>
    public const string InvalidProxy = nameof(InvalidProxy);

    /// <summary>The OTP can't be one.</summary>
    public const string InvalidOtp = nameof(InvalidOtp);

    /// <summary>The TOTP secret is neither base32 nor a TOTP URI. Ends the pipeline.</summary>
    public const string InvalidTotpSecret = nameof(InvalidTotpSecret);

    /// <summary>The API did not accept the OTP.</summary>
    public const string OtpRejected = nameof(OtpRejected);

    /// <summary>401: the API doesn't accept the token.</summary>
    public const string Unauthorized = nameof(Unauthorized);

    /// <summary>403: the token may not do this.</summary>
    public const string Forbidden = nameof(Forbidden);

    /// <summary>404.</summary>
    public const string NotFound = nameof(NotFound);

    /// <summary>Any other 4xx.</summary>
    public const string RequestRejected = nameof(RequestRejected);

    /// <summary>429 after the retries, or at once when the API asks for a wait of more than a minute.</summary>
    public const string RateLimited = nameof(RateLimited);

    /// <summary>5xx after the retries.</summary>
    public const string ServerError = nameof(ServerError);

    /// <summary>An attempt took longer than <c>-TimeoutSec</c>, after the retries.</summary>
    public const string Timeout = nameof(Timeout);

    /// <summary>DNS, refused, reset, TLS, or closed before an answer came.</summary>
    public const string ConnectionFailed = nameof(ConnectionFailed);

    /// <summary>3xx. No redirect is ever followed.</summary>
    public const string UnexpectedRedirect = nameof(UnexpectedRedirect);

    /// <summary>The answer is not what the operation promises.</summary>
    public const string InvalidResponse = nameof(InvalidResponse);
}
