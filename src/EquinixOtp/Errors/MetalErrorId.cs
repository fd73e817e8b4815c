namespace EquinixOtp;

/// <summary>
/// The ids of the module's errors: the part of <c>FullyQualifiedErrorId</c> before the comma. Ids are stable between versions; texts
/// are not.
/// </summary>
public static class MetalErrorId
{
    /// <summary>Neither a parameter nor an environment variable provides a token. Ends the pipeline.</summary>
    public const string TokenNotFound = nameof(TokenNotFound);

    /// <summary>
    /// The token is empty or null, longer than 4,096 characters, or contains characters that a header cannot carry. Ends the pipeline.
    /// </summary>
    public const string InvalidToken = nameof(InvalidToken);

    /// <summary>
    /// The API's URL is null or not absolute http(s), or contains user info, a query or a fragment. Ends the pipeline.
    /// </summary>
    public const string InvalidApiUrl = nameof(InvalidApiUrl);

    /// <summary>
    /// The API's URL is plain http to another machine, or plain http through a proxy on another machine. Ends the pipeline.
    /// </summary>
    public const string InsecureApiUrl = nameof(InsecureApiUrl);

    /// <summary>
    /// The proxy's URL or credential is null or unusable, or the proxy parameters contradict each other. Ends the pipeline.
    /// </summary>
    public const string InvalidProxy = nameof(InvalidProxy);

    /// <summary>
    /// The OTP is empty, too long, contains white space or invisible characters, or is a number that lost its leading zeros.
    /// </summary>
    public const string InvalidOtp = nameof(InvalidOtp);

    /// <summary>The TOTP secret is neither base32 nor a TOTP URI. Ends the pipeline.</summary>
    public const string InvalidTotpSecret = nameof(InvalidTotpSecret);

    /// <summary>The API rejected the OTP.</summary>
    public const string OtpRejected = nameof(OtpRejected);

    /// <summary>401: the API does not accept the token.</summary>
    public const string Unauthorized = nameof(Unauthorized);

    /// <summary>403: the token has no permission for this operation.</summary>
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

    /// <summary>Name resolution, connection, proxy or TLS failed, or the connection closed before the response was complete.</summary>
    public const string ConnectionFailed = nameof(ConnectionFailed);

    /// <summary>3xx. Redirects are never followed.</summary>
    public const string UnexpectedRedirect = nameof(UnexpectedRedirect);

    /// <summary>The response is not one that the API sends for this operation.</summary>
    public const string InvalidResponse = nameof(InvalidResponse);

    /// <summary>A confirmation is combined with <c>-Token</c> or <c>-ApiUrl</c>. Ends the pipeline.</summary>
    public const string AmbiguousIdentity = nameof(AmbiguousIdentity);

    /// <summary>
    /// PowerShell did not bind a value of <c>$PSDefaultParameterValues</c> to a parameter that is not a common one. Ends the pipeline.
    /// </summary>
    public const string InvalidDefaultValue = nameof(InvalidDefaultValue);

    /// <summary>The installation is incomplete, or the module has a defect. Ends the pipeline.</summary>
    public const string InternalError = nameof(InternalError);
}
