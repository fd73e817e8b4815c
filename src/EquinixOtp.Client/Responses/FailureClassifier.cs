using System.Text.RegularExpressions;
using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Responses;

/// <summary>Classifies a status code or a missing response.</summary>
internal static class FailureClassifier
{
    /// <summary>Classifies a response that is not a success.</summary>
    /// <param name="status">The status code; 2xx for a page in place of the API's response.</param>
    /// <param name="isVerify">Whether the request carried an OTP.</param>
    /// <param name="errors">The API's messages, unredacted; null if the body is one that the API does not send.</param>
    public static Failure Classify(int status, bool isVerify, IReadOnlyList<string>? errors) => status switch
    {
        >= 300 and < 400 => new(
            MetalOtpErrorKind.UnexpectedRedirect,
            "The response is a redirect, which is never followed",
            RetryRule.Never,
            MayHaveEffect: true),
        // Gateways also report rate limits and outages, with their own bodies: any body is accepted, and the server may be a gateway.
        429 => new(MetalOtpErrorKind.RateLimited, "The server limits the rate of requests", RetryRule.Always, MayHaveEffect: false),
        >= 500 and < 600 => new(MetalOtpErrorKind.ServerError, "The server failed", RetryRule.GetOnly, MayHaveEffect: true),
        408 => new(MetalOtpErrorKind.RequestRejected, "The server reports a request timeout", RetryRule.GetOnly, MayHaveEffect: true),
        // Only a proxy responds with 407, before it forwards the request.
        407 => new(MetalOtpErrorKind.InvalidResponse, "A proxy requires a valid credential", RetryRule.Never, MayHaveEffect: false),
        >= 400 and < 500 when errors is not null => ClassifyRejection(status, isVerify, errors),
        _ => new(MetalOtpErrorKind.InvalidResponse, "The response is not the API's", RetryRule.Never, MayHaveEffect: true),
    };

    /// <summary>Classifies a request without a response.</summary>
    /// <param name="stage">How far the request got.</param>
    /// <param name="summary">What happened, for the error message.</param>
    public static Failure Classify(TransportStage stage, string summary) => stage switch
    {
        TransportStage.NotConnected => new(MetalOtpErrorKind.ConnectionFailed, summary, RetryRule.Always, MayHaveEffect: false),
        TransportStage.Refused => new(MetalOtpErrorKind.ConnectionFailed, summary, RetryRule.Never, MayHaveEffect: false),
        TransportStage.Connected => new(MetalOtpErrorKind.ConnectionFailed, summary, RetryRule.GetOnly, MayHaveEffect: false),
        _ => new(MetalOtpErrorKind.ConnectionFailed, summary, RetryRule.GetOnly, MayHaveEffect: true),
    };

    // Called for the API's own responses only.
    private static Failure ClassifyRejection(int status, bool isVerify, IReadOnlyList<string> errors)
    {
        (MetalOtpErrorKind kind, string summary) = status switch
        {
            400 or 422 or 424 when isVerify => (MetalOtpErrorKind.OtpRejected, "The API rejected the OTP"),
            401 or 403 when isVerify && errors.Any(MentionsOtp) => (MetalOtpErrorKind.OtpRejected, "The API rejected the OTP"),
            401 => (MetalOtpErrorKind.Unauthorized, "The API does not accept the token"),
            403 => (MetalOtpErrorKind.Forbidden, "The token has no permission for this operation"),
            404 => (MetalOtpErrorKind.NotFound, "The API has no such resource"),
            _ => (MetalOtpErrorKind.RequestRejected, "The API rejected the request"),
        };
        return new(kind, summary, RetryRule.Never, MayHaveEffect: false);
    }

    // Not Regex.IsMatch: its cache is static, and a regex of .NET Framework refers to its last input, which may contain the OTP.
    private static bool MentionsOtp(string error) =>
        new Regex(@"\bOTP\b|one-time", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant).IsMatch(error);
}

/// <summary>The classification of a failed attempt.</summary>
/// <param name="Kind">The kind of failure.</param>
/// <param name="Summary">What happened, for the error message.</param>
/// <param name="Retry">Whether another attempt is safe and may succeed.</param>
/// <param name="MayHaveEffect">Whether the request, if it is a POST, may have taken effect.</param>
internal sealed record Failure(MetalOtpErrorKind Kind, string Summary, RetryRule Retry, bool MayHaveEffect);

/// <summary>Which requests are retried after a failure.</summary>
internal enum RetryRule
{
    /// <summary>None.</summary>
    Never,

    /// <summary>GET only: the request may have taken effect, or the connection had opened.</summary>
    GetOnly,

    /// <summary>All: the request certainly had no effect.</summary>
    Always,
}
