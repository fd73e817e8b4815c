namespace EquinixOtp.Client;

/// <summary>What went wrong with a call. Each name is the error id that the cmdlets show.</summary>
public enum MetalOtpErrorKind
{
    /// <summary>The token is empty, too long, or has characters that no header can carry.</summary>
    InvalidToken,

    /// <summary>The API's URL is not absolute http(s), or has user info, a query or a fragment.</summary>
    InvalidApiUrl,

    /// <summary>Plain http to anything but loopback, or to loopback by a proxy that isn't.</summary>
    InsecureApiUrl,

    /// <summary>The proxy's URL is not absolute http(s) or has user info, or proxy settings contradict each other.</summary>
    InvalidProxy,

    /// <summary>The OTP can't be one: empty, too long, with white space or control characters, or a number that lost its zeros.</summary>
    InvalidOtp,

    /// <summary>The TOTP secret is neither base32 nor an <c>otpauth://totp/</c> URI.</summary>
    InvalidTotpSecret,

    /// <summary>The API did not accept the OTP.</summary>
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

    /// <summary>DNS, refused, reset, TLS, or closed before an answer came.</summary>
    ConnectionFailed,

    /// <summary>3xx. No redirect is ever followed.</summary>
    UnexpectedRedirect,

    /// <summary>The answer is not what the operation promises: not JSON, the wrong shape, cut short, or over 1 MiB.</summary>
    InvalidResponse,
}
