using System.Reflection;
using System.Text;
using Flurl.Http;
using Polly;
using Polly.Retry;

namespace EquinixOtp.Client;

/// <summary>
/// The Equinix Metal OTP API (OtpsApi): one method an operation. Safe for concurrent use. Failures are
/// <see cref="MetalOtpException"/>; a cancelled call throws <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class MetalOtpClient : IDisposable
{
    private static readonly string s_product =
        "EquinixOtp/" + typeof(MetalOtpClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    // The longest wait that the back-off grows to, unless the first is longer.
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromMinutes(1);

    private readonly MetalOtpClientOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly IFlurlClient? _ownConnections;

    /// <summary>Makes a client on the system's clock. Nothing is sent.</summary>
    /// <param name="options">Where and how to call.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time or a number of the options is out of its range.</exception>
    /// <exception cref="MetalOtpException">
    /// <see cref="MetalOtpErrorKind.InvalidApiUrl"/>, <see cref="MetalOtpErrorKind.InsecureApiUrl"/>, <see cref="MetalOtpErrorKind.InvalidProxy"/>.
    /// </exception>
    public MetalOtpClient(MetalOtpClientOptions options)
        : this(options, TimeProvider.System)
    {
        // Not an optional parameter: a caller of this one needs no TimeProvider to be loaded in its own context.
    }

    /// <summary>Makes a client on a given clock, which rules timeouts, waits and TOTP codes. Nothing is sent.</summary>
    /// <param name="options">Where and how to call.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="MetalOtpException">As for the other constructor.</exception>
    public MetalOtpClient(MetalOtpClientOptions options, TimeProvider timeProvider)
    {
        options.Validate();
        _options = options;
        _timeProvider = timeProvider;
        // What holds a proxy's password must not outlive the client, so it can't be shared.
        _ownConnections = options.ProxyCredential is null ? null : SharedConnections.CreateClient(options);
    }

    /// <summary><c>POST /user/otp/verify/{otp}</c> (findEnsureOtp): verifies the user by an OTP.</summary>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<OtpVerification> VerifyAsync(
        string otp, string token, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        VerifyAsync(() => otp, token, observer, cancellationToken);

    /// <summary>
    /// <c>POST /user/otp/verify/{otp}</c> (findEnsureOtp) with the current code of a TOTP secret (RFC 6238), in base32 or
    /// as an <c>otpauth://totp/</c> URI. A retry after a 429 sends the code that is current then.
    /// </summary>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<OtpVerification> VerifyTotpAsync(
        string totpSecret, string token, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        VerifyAsync(() => TotpSecret.ComputeCode(totpSecret, _timeProvider.GetUtcNow()), token, observer, cancellationToken);

    /// <summary><c>GET /user/otp/recovery-codes</c> (findRecoveryCodes): the codes that now hold.</summary>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<IReadOnlyList<string>> GetRecoveryCodesAsync(
        string token, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        RecoveryCodesAsync(HttpMethod.Get, token, observer, cancellationToken);

    /// <summary><c>POST /user/otp/recovery-codes</c> (regenerateCodes): replaces the codes.</summary>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task<IReadOnlyList<string>> ResetRecoveryCodesAsync(
        string token, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        RecoveryCodesAsync(HttpMethod.Post, token, observer, cancellationToken);

    /// <summary><c>POST /user/otp/sms/receive</c> (receiveCodes): sends an OTP to the user's phone.</summary>
    /// <exception cref="MetalOtpException">The call failed.</exception>
    public Task SendSmsAsync(string token, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        SendAsync<object>(HttpMethod.Post, "/user/otp/sms/receive", null, token, null, observer, cancellationToken);

    /// <summary>Lets go of what this client doesn't share. Calls under way on a client with a proxy credential end.</summary>
    public void Dispose() => _ownConnections?.Dispose();

    private Task<OtpVerification> VerifyAsync(
        Func<string> otp, string token, IMetalOtpObserver? observer, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/user/otp/verify/" + SecretText.Mask,
            otp,
            token,
            (body, requestId) => new OtpVerification(AnswerReader.SessionToken(body), requestId),
            observer,
            cancellationToken)!;

    private Task<IReadOnlyList<string>> RecoveryCodesAsync(
        HttpMethod method, string token, IMetalOtpObserver? observer, CancellationToken cancellationToken) =>
        SendAsync(method, "/user/otp/recovery-codes", null, token, (body, _) => AnswerReader.RecoveryCodes(body), observer, cancellationToken)!;

    private async Task<T?> SendAsync<T>(
        HttpMethod method,
        string path,
        Func<string>? otp,
        string token,
        Func<string?, string?, T>? read,
        IMetalOtpObserver? observer,
        CancellationToken cancellationToken)
        where T : class
    {
        Credentials.ValidateToken(token);
        MetalOtpException failure;
        try
        {
            return await AttemptAsync().ConfigureAwait(false);
        }
        catch (MetalOtpException e) when (e.IsRetryable && _options.MaxRetries > 0)
        {
            failure = e;
        }

        return await RetryAsync(failure, AttemptAsync, observer, cancellationToken).ConfigureAwait(false);

        Task<T?> AttemptAsync()
        {
            string? password = otp?.Invoke();
            if (password is not null)
            {
                Credentials.ValidateOtp(password);
            }

            var secretText = new SecretText([token, password, .. ProxySecrets()]);
            return new Attempt(Request(path, token), method, password, secretText, _timeProvider)
                .RunAsync(read, _options.Timeout, observer, cancellationToken);
        }
    }

    private IFlurlRequest Request(string path, string token) =>
        new FlurlRequest(_options.BaseUrl.AbsoluteUri.TrimEnd('/') + path)
            .WithClient(_ownConnections ?? SharedConnections.Get(_options))
            .WithHeader("X-Auth-Token", token)
            .WithHeader("Accept", "application/json")
            .WithHeader("User-Agent", _options.HostProduct is null ? s_product : $"{s_product} {_options.HostProduct}");

    // What a proxy is told, it may repeat in its answer: as .NET encodes it, with the user's domain before it.
    private string[] ProxySecrets()
    {
        if (_options.ProxyCredential is not { } credential)
        {
            return [];
        }

        string user = credential.Domain.Length == 0 ? credential.UserName : $@"{credential.Domain}\{credential.UserName}";
        return [credential.Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{credential.Password}"))];
    }

    // Polly takes over when the first attempt has failed, since loading it costs a process more than the first call does.
    private async Task<T> RetryAsync<T>(
        MetalOtpException? firstFailure, Func<Task<T>> attempt, IMetalOtpObserver? observer, CancellationToken cancellationToken)
    {
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder { TimeProvider = _timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = _options.MaxRetries,
                Delay = _options.RetryInterval,
                MaxDelay = _options.RetryInterval > s_longestBackOff ? _options.RetryInterval : s_longestBackOff,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => new ValueTask<bool>(args.Outcome.Exception is MetalOtpException { IsRetryable: true }),
                DelayGenerator = args => new ValueTask<TimeSpan?>(
                    args.Outcome.Exception is MetalOtpException { RetryAfter: { Ticks: > 0 } wait } ? wait : null),
                OnRetry = args =>
                {
                    observer?.WaitingToRetry(args.RetryDelay, ((MetalOtpException)args.Outcome.Exception!).Kind);
                    return default;
                },
            })
            .Build();
        return await pipeline.ExecuteAsync(
            async _ =>
            {
                if (firstFailure is { } failure)
                {
                    firstFailure = null;
                    throw failure;
                }

                return await attempt().ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }
}
