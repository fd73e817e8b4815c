using System.Management.Automation;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>Makes the module's error records: id, category, what happened, what to do.</summary>
internal static class ErrorRecords
{
    private const string UserTokenNeeded =
        "Use a personal API token of the user, or a session token; a project's API key can't reach these operations.";

    public static ErrorRecord TokenNotFound(Uri apiUrl) => Create(
        MetalErrorId.TokenNotFound,
        ErrorCategory.AuthenticationError,
        new MetalApiException("There is no API token."),
        apiUrl,
        "Pass -Token, or set the environment variable METAL_AUTH_TOKEN. What -Token confirmed goes on with a session token or with -Token alone.");

    /// <param name="failure">What the client says.</param>
    /// <param name="apiUrl">The record's target. Never the OTP, which a target would show.</param>
    /// <param name="lostAnswer">What to do when the API may have done what was asked, though the call failed.</param>
    public static ErrorRecord Create(MetalOtpException failure, Uri? apiUrl, string lostAnswer)
    {
        (ErrorCategory category, string action) = Describe(failure.Kind);
        var exception = new MetalApiException(failure.MayHaveTakenEffect ? $"{failure.Message} {lostAnswer}" : failure.Message)
        {
            StatusCode = failure.StatusCode,
            Errors = failure.Errors,
            RequestId = failure.RequestId,
            RetryAfter = failure.RetryAfter,
        };
        return Create(failure.Kind.ToString(), category, exception, apiUrl, failure.MayHaveTakenEffect ? lostAnswer : action);
    }

    /// <summary>True for a set-up that fails every item of the pipeline alike.</summary>
    public static bool EndsPipeline(MetalOtpErrorKind kind) => kind
        is MetalOtpErrorKind.InvalidToken
        or MetalOtpErrorKind.InvalidApiUrl
        or MetalOtpErrorKind.InsecureApiUrl
        or MetalOtpErrorKind.InvalidProxy
        or MetalOtpErrorKind.InvalidTotpSecret;

    private static ErrorRecord Create(string id, ErrorCategory category, MetalApiException exception, Uri? apiUrl, string action) =>
        new(exception, id, category, apiUrl) { ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = action } };

    private static (ErrorCategory Category, string Action) Describe(MetalOtpErrorKind kind) => kind switch
    {
        MetalOtpErrorKind.InvalidToken => (ErrorCategory.InvalidArgument, "Check where the token comes from: it may be null, or have blanks, quotes or line ends."),
        MetalOtpErrorKind.InvalidApiUrl => (ErrorCategory.InvalidArgument, "Pass -ApiUrl like https://api.equinix.com/metal/v1."),
        MetalOtpErrorKind.InsecureApiUrl => (ErrorCategory.SecurityError, "Use https, or plain http to localhost only."),
        MetalOtpErrorKind.InvalidProxy => (ErrorCategory.InvalidArgument, "Pass -Proxy like http://proxy.example:3128, its user by -ProxyCredential, and no -NoProxy with it."),
        MetalOtpErrorKind.InvalidOtp => (ErrorCategory.InvalidArgument, "Pass the code as text, in quotes: '012345'."),
        MetalOtpErrorKind.InvalidTotpSecret => (ErrorCategory.InvalidArgument, "Pass the secret of the authenticator's set-up page, or its otpauth://totp/ URI."),
        MetalOtpErrorKind.OtpRejected => (ErrorCategory.PermissionDenied, "Ask for a new code; for TOTP, check the secret and this machine's clock."),
        MetalOtpErrorKind.Unauthorized => (ErrorCategory.AuthenticationError, UserTokenNeeded),
        MetalOtpErrorKind.Forbidden => (ErrorCategory.PermissionDenied, UserTokenNeeded),
        MetalOtpErrorKind.NotFound => (ErrorCategory.ObjectNotFound, "Check -ApiUrl. " + UserTokenNeeded),
        MetalOtpErrorKind.RequestRejected => (ErrorCategory.InvalidOperation, "See what the API says, and whether two-factor authentication is set up for the user."),
        MetalOtpErrorKind.RateLimited => (ErrorCategory.LimitsExceeded, "Wait, and call less often; the exception's RetryAfter says how long, if the API did."),
        MetalOtpErrorKind.ServerError => (ErrorCategory.ResourceUnavailable, "Try again later; tell support the request id."),
        MetalOtpErrorKind.Timeout => (ErrorCategory.OperationTimeout, "Check the network, or allow more time by -TimeoutSec."),
        MetalOtpErrorKind.ConnectionFailed => (ErrorCategory.ConnectionError, "Check the network, -ApiUrl and the proxy."),
        MetalOtpErrorKind.UnexpectedRedirect => (ErrorCategory.SecurityError, "Check -ApiUrl, and what stands between this machine and the API."),
        MetalOtpErrorKind.InvalidResponse => (ErrorCategory.InvalidData, "Check -ApiUrl, and what stands between this machine and the API."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
