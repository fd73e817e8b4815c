namespace EquinixOtp.Client;

/// <summary>The kinds of failure. Each name is the error id that the cmdlets show.</summary>
public enum MetalOtpErrorKind
{
    /// <summary>The token is empty, longer than 4,096 characters, or contains characters that a header cannot carry.</summary>
    InvalidToken,

    /// <summary>The API's URL is not absolute http(s), or contains user info, a query or a fragment.</summary>
    InvalidApiUrl,

    /// <summary>The API's URL is plain http to another machine, or plain http through a proxy on another machine.</summary>
    InsecureApiUrl,

    /// <summary>
    /// The proxy's URL is not absolute http(s), contains user info, a query or a fragment, or proxy settings contradict each other.
    /// </summary>
    InvalidProxy,

    /// <summary>
    /// The OTP is empty, too long, contains white space or invisible characters, or is a number that lost its leading zeros.
    /// </summary>
    InvalidOtp,

    /// <summary>The TOTP secret is neither base32 nor an <c>otpauth://totp/</c> URI.</summary>
    InvalidTotpSecret,

    /// <summary>The API rejected the OTP.</summary>
    OtpRejected,

    /// <summary>401.</summary>
    Unauthorized,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>Any other 4xx.</summary>
    RequestRejected,

    /// <summary>429 after the retries, or at once when the API asks for a wait of more than a minute.</summary>
    RateLimited,

    /// <summary>5xx after the retries.</summary>
    ServerError,

    /// <summary>An attempt took longer than <see cref="MetalOtpClientOptions.Timeout"/>, after the retries.</summary>
    Timeout,

    /// <summary>Name resolution, connection, proxy or TLS failed, or the connection closed before the response was complete.</summary>
    ConnectionFailed,

    /// <summary>3xx. Redirects are never followed.</summary>
    UnexpectedRedirect,

    /// <summary>The response is not one that the API sends for this operation.</summary>
    InvalidResponse,

    /// <summary>A defect of the client or an incomplete installation.</summary>
    InternalError,
}
