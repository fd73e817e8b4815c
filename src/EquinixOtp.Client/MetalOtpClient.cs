using System.Security;
using EquinixOtp.Client.Http;
using EquinixOtp.Client.Requests;
using EquinixOtp.Client.Responses;
using Flurl.Http;

namespace EquinixOtp.Client;

/// <summary>
/// A client of the Equinix Metal OTP API (OtpsApi) for one user: one method per operation. Safe for concurrent use. A failed call throws
/// <see cref="MetalOtpException"/>, a cancelled call <see cref="OperationCanceledException"/>, and neither contains a secret.
/// </summary>
public sealed class MetalOtpClient : IDisposable
{
    private readonly MetalOtpClientOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly IFlurlClient _http;

    /// <summary>Creates a client with the system's clock. Sends nothing.</summary>
    /// <param name="options">The API, the token and the settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time or a number in the options is out of range.</exception>
    /// <exception cref="MetalOtpException">
    /// <see cref="MetalOtpErrorKind.InvalidToken"/>, <see cref="MetalOtpErrorKind.InvalidApiUrl"/>,
    /// <see cref="MetalOtpErrorKind.InsecureApiUrl"/>, <see cref="MetalOtpErrorKind.InvalidProxy"/>.
    /// </exception>
    public MetalOtpClient(MetalOtpClientOptions options)
        : this(options, TimeProvider.System)
    {
        // Not an optional parameter: a caller of this constructor need not load TimeProvider's assembly.
    }

    /// <summary>Creates a client with a clock for timeouts, waits and TOTP codes. Sends nothing.</summary>
    /// <param name="options">The API, the token and the settings.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time or a number in the options is out of range.</exception>
    /// <exception cref="MetalOtpException">As for the other constructor.</exception>
    public MetalOtpClient(MetalOtpClientOptions options, TimeProvider timeProvider)
    {
        options.Validate();
        _options = options;
        _timeProvider = timeProvider;
        _http = options is { Proxy: { } proxy, ProxyCredential: { } credential }
            ? HttpClientPool.Create(proxy, credential)
            : HttpClientPool.Get(options);
    }

    internal MetalOtpClientOptions Options => _options;

    /// <summary><c>POST /user/otp/verify/{otp}</c> (findEnsureOtp): verifies the user by an OTP.</summary>
    /// <param name="otp">The OTP. Blanks between and around digits are removed.</param>
    /// <param name="observer">Observes each attempt, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<OtpVerification> VerifyAsync(
        SecureString otp, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default)
    {
        return SendAsync(_ => CreateVerifyRequest(OtpText.Normalize(otp.ToPlainText())), observer, cancellationToken);
    }

    /// <summary>
    /// <c>POST /user/otp/verify/{otp}</c> (findEnsureOtp) with the current code of a TOTP secret (RFC 6238). Each attempt sends the
    /// code that is current then.
    /// </summary>
    /// <param name="totpSecret">The secret in base32, or an <c>otpauth://totp/</c> URI.</param>
    /// <param name="observer">Observes each attempt, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<OtpVerification> VerifyTotpAsync(
        SecureString totpSecret, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default)
    {
        return SendAsync(
            now => CreateVerifyRequest(TotpSecret.Parse(totpSecret.ToPlainText()).ComputeCode(now)), observer, cancellationToken);
    }

    /// <summary><c>GET /user/otp/recovery-codes</c> (findRecoveryCodes): returns the current recovery codes.</summary>
    /// <param name="observer">Observes each attempt, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<IReadOnlyList<string>> GetRecoveryCodesAsync(
        IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            _ => CreateRecoveryCodesRequest(HttpMethod.Get, response => ResponseParser.ParseRecoveryCodes(response.Body)),
            observer,
            cancellationToken);

    /// <summary><c>POST /user/otp/recovery-codes</c> (regenerateCodes): replaces the recovery codes and returns the new ones.</summary>
    /// <param name="observer">Observes each attempt, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<IReadOnlyList<string>> ResetRecoveryCodesAsync(
        IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            _ => CreateRecoveryCodesRequest(HttpMethod.Post, response => ResponseParser.ParseNewRecoveryCodes(response.Body)),
            observer,
            cancellationToken);

    /// <summary><c>POST /user/otp/sms/receive</c> (receiveCodes): sends an OTP to the user's phone.</summary>
    /// <param name="observer">Observes each attempt, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task SendSmsAsync(IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        SendAsync(_ => CreateSmsRequest(), observer, cancellationToken);

    /// <summary>
    /// Closes the connections of a client with a proxy credential, and ends its calls in progress. Has no effect on other clients,
    /// which share their connections.
    /// </summary>
    public void Dispose()
    {
        if (_options.ProxyCredential is not null)
        {
            _http.Dispose();
        }
    }

    private ApiRequest<OtpVerification> CreateVerifyRequest(string otp) => new(
        HttpMethod.Post,
        _options.BaseUrl,
        "/user/otp/verify",
        otp,
        response => new OtpVerification(ResponseParser.ParseSessionToken(response.Body), response.RequestId));

    private ApiRequest<IReadOnlyList<string>> CreateRecoveryCodesRequest(
        HttpMethod method, Func<ApiResponse, IReadOnlyList<string>> parse) =>
        new(method, _options.BaseUrl, "/user/otp/recovery-codes", otp: null, parse);

    private ApiRequest<bool> CreateSmsRequest() => new(
        HttpMethod.Post,
        _options.BaseUrl,
        "/user/otp/sms/receive",
        otp: null,
        response => ResponseParser.ParseNoContent(response.Body));

    // createRequest is called for each attempt, with the current time: a TOTP code changes with it.
    private async Task<T> SendAsync<T>(
        Func<DateTimeOffset, ApiRequest<T>> createRequest, IMetalOtpObserver? observer, CancellationToken cancellationToken)
    {
        ApiRequest<T>? request = null;
        HashSet<string> otps = [];
        try
        {
            var retries = new RetryPolicy(_options, _timeProvider);
            MetalOtpException failure;
            try
            {
                return await AttemptAsync(1).ConfigureAwait(false);
            }
            catch (MetalOtpException e) when (retries.Handles(e))
            {
                failure = e;
            }

            return await retries.RetryAsync(failure, AttemptAsync, observer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MetalOtpException
            && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // Any other exception may reference the request: only its type is safe to show.
            throw new MetalOtpException(MetalOtpErrorKind.InternalError, $"The client failed unexpectedly ({e.GetType().Name}).")
            {
                MayHaveTakenEffect = request?.IsPost == true,
            };
        }

        Task<T> AttemptAsync(int number)
        {
            request = createRequest(_timeProvider.GetUtcNow());
            if (request.Otp is { } otp)
            {
                otps.Add(otp);
            }

            var attempt = new HttpAttempt<T>(_http, _options, _timeProvider, request, _options.Token.ToPlainText(), otps, number);
            return attempt.RunAsync(observer, cancellationToken);
        }
    }
}
