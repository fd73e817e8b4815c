using System.Management.Automation;
using System.Net;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>Creates the module's error records: id, category, what happened, what to do.</summary>
internal static class ErrorRecords
{
    private const string UserTokenNeeded =
        "Use a personal API token of the user, or a session token. Project API keys cannot call these operations.";

    public static ErrorRecord TokenNotFound(Uri apiUrl) => Create(
        MetalErrorId.TokenNotFound,
        ErrorCategory.AuthenticationError,
        new MetalApiException("No API token is set."),
        "Pass -Token, or set the environment variable METAL_AUTH_TOKEN to a personal API token.",
        ShownUrl(apiUrl));

    public static ErrorRecord ConfirmationWithoutToken() => Create(
        MetalErrorId.TokenNotFound,
        ErrorCategory.AuthenticationError,
        "The confirmation is a copy, serialized by a job or made by Select-Object, and has no session token:"
            + " the token that confirmed is lost.",
        "Pass the confirmation itself, in the same session or job, or pass -Token and -ApiUrl instead.");

    public static ErrorRecord AmbiguousIdentity() => Create(
        MetalErrorId.AmbiguousIdentity,
        ErrorCategory.InvalidArgument,
        "The user or the API is given twice: -InputObject does not combine with -Token, -ApiUrl or other piped input, and default values of"
            + " -Token and -ApiUrl do not combine with piped input.",
        "Pass a confirmation, or -Token and -ApiUrl, or pipe rows with these properties. Check $PSDefaultParameterValues.");

    /// <param name="error">Thrown by PowerShell when it reads the credential.</param>
    public static ErrorRecord InvalidProxyCredential(Exception error) => Create(
        MetalErrorId.InvalidProxy,
        ErrorCategory.InvalidArgument,
        error is ObjectDisposedException
            ? "The password of -ProxyCredential is disposed."
            : @"The user name of -ProxyCredential must be a name or domain\name.",
        "Create the credential again.");

    public static ErrorRecord DefaultValueNotBound(string parameter) => Create(
        MetalErrorId.InvalidDefaultValue,
        ErrorCategory.InvalidArgument,
        $"PowerShell did not bind the default value of -{parameter} from $PSDefaultParameterValues.",
        "Correct the value. -Token and -TotpSecret need a SecureString.");

    /// <param name="error">Thrown by .NET when it loads the client.</param>
    public static ErrorRecord ClientNotLoaded(Exception error) => error is FileNotFoundException or BadImageFormatException
        ? Create(
            MetalErrorId.InternalError,
            ErrorCategory.InvalidOperation,
            "The module is incomplete: files in bin/dependencies are missing or damaged.",
            "Install the module again, and start a new session: a loaded module stays loaded.")
        : Create(
            MetalErrorId.InternalError,
            ErrorCategory.InvalidOperation,
            ".NET could not load the module's files in bin/dependencies. An assembly resolver of another module may have failed.",
            "Start a new session, and import EquinixOtp before other modules. If the error persists, install the module again.");

    /// <param name="failure">The client's exception.</param>
    /// <param name="identity">The API and user of the call. The URL is the record's target, which PowerShell shows.</param>
    /// <param name="unknownOutcome">The advice after a failed request that may have taken effect.</param>
    public static ErrorRecord Create(MetalOtpException failure, MetalIdentity identity, string unknownOutcome)
    {
        (ErrorCategory category, string action) = Describe(failure, identity);
        return Create(
            failure.Kind.ToString(),
            category,
            new MetalApiException(failure.MayHaveTakenEffect ? $"{failure.Message} {unknownOutcome}" : failure.Message)
            {
                StatusCode = failure.StatusCode,
                Errors = failure.Errors,
                RequestId = failure.RequestId,
                RetryAfter = failure.RetryAfter,
            },
            action,
            ShownUrl(identity.ApiUrl));
    }

    /// <summary>Whether a failure concerns every record of the pipeline.</summary>
    public static bool EndsPipeline(MetalOtpErrorKind kind) => kind
        is MetalOtpErrorKind.InvalidToken
        or MetalOtpErrorKind.InvalidApiUrl
        or MetalOtpErrorKind.InsecureApiUrl
        or MetalOtpErrorKind.InvalidProxy
        or MetalOtpErrorKind.InvalidTotpSecret
        or MetalOtpErrorKind.InternalError;

    private static ErrorRecord Create(string id, ErrorCategory category, string message, string action) =>
        Create(id, category, new MetalApiException(message), action, target: null);

    private static ErrorRecord Create(string id, ErrorCategory category, MetalApiException exception, string action, Uri? target) =>
        new(exception, id, category, target)
        {
            ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = action },
        };

    // A URL that the client refuses may contain a password or a token.
    private static Uri? ShownUrl(Uri url) => MetalOtpClientOptions.IsValidUrl(url) ? url : null;

    private static (ErrorCategory Category, string Action) Describe(MetalOtpException error, MetalIdentity identity) => error.Kind switch
    {
        MetalOtpErrorKind.InvalidToken => (
            ErrorCategory.InvalidArgument,
            $"Check the token, which comes from {identity.TokenSource}: blanks, quotes or line ends may surround it."),
        MetalOtpErrorKind.InvalidApiUrl => (
            ErrorCategory.InvalidArgument,
            $"Check the URL, which comes from {identity.ApiUrlSource}. An example is https://api.equinix.com/metal/v1."),
        MetalOtpErrorKind.InsecureApiUrl => (ErrorCategory.SecurityError, "Use https, or plain http to localhost only."),
        MetalOtpErrorKind.InvalidProxy => (
            ErrorCategory.InvalidArgument,
            "Pass -Proxy a URL such as http://proxy.example:3128, and its user by -ProxyCredential. -NoProxy excludes both."),
        MetalOtpErrorKind.InvalidOtp => (ErrorCategory.InvalidArgument, "Pass the OTP as text, in quotes: '012345'."),
        MetalOtpErrorKind.InvalidTotpSecret => (
            ErrorCategory.InvalidArgument,
            "Pass the secret of the authenticator's set-up page, or its otpauth://totp/ URI."),
        MetalOtpErrorKind.OtpRejected => (
            ErrorCategory.PermissionDenied,
            "Confirm with a new OTP: each works only once. With a TOTP secret, wait for the next code, and check the secret and this"
                + " machine's clock."),
        MetalOtpErrorKind.Unauthorized => (
            ErrorCategory.AuthenticationError,
            $"Check the token, which comes from {identity.TokenSource}. {UserTokenNeeded}"),
        MetalOtpErrorKind.Forbidden => (ErrorCategory.PermissionDenied, UserTokenNeeded),
        MetalOtpErrorKind.NotFound => (
            ErrorCategory.ObjectNotFound,
            $"Check the URL, which comes from {identity.ApiUrlSource}. {UserTokenNeeded}"),
        MetalOtpErrorKind.RequestRejected when error.StatusCode == HttpStatusCode.RequestTimeout => (
            ErrorCategory.InvalidOperation, "Try again later."),
        MetalOtpErrorKind.RequestRejected => (
            ErrorCategory.InvalidOperation,
            "Read the API's message, and check that two-factor authentication is set up for the user."),
        MetalOtpErrorKind.RateLimited => (
            ErrorCategory.LimitsExceeded,
            "Wait, and call less often. The exception's RetryAfter is the wait that the API asks for, if it does."),
        MetalOtpErrorKind.ServerError => (ErrorCategory.ResourceUnavailable, "Try again later. Support needs the request id."),
        MetalOtpErrorKind.Timeout => (ErrorCategory.OperationTimeout, "Check the network, or allow more time with -TimeoutSec."),
        MetalOtpErrorKind.ConnectionFailed => (
            ErrorCategory.ConnectionError,
            $"Check the network, the proxy and the URL, which comes from {identity.ApiUrlSource}."),
        MetalOtpErrorKind.InvalidResponse when error.StatusCode == HttpStatusCode.ProxyAuthenticationRequired => (
            ErrorCategory.InvalidData, "Pass the proxy's URL by -Proxy, and a user of it by -ProxyCredential."),
        MetalOtpErrorKind.UnexpectedRedirect or MetalOtpErrorKind.InvalidResponse => (
            error.Kind == MetalOtpErrorKind.InvalidResponse ? ErrorCategory.InvalidData : ErrorCategory.SecurityError,
            $"Check the URL, which comes from {identity.ApiUrlSource}, and proxies and gateways between this machine and the API."),
        _ => (ErrorCategory.NotSpecified, "Install the module again, and start a new session. If the error persists, report it."),
    };
}
