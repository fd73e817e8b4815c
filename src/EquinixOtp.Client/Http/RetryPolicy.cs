using Polly;
using Polly.Retry;

namespace EquinixOtp.Client.Http;

/// <summary>Repeats attempts after a first one that failed with a retryable <see cref="MetalOtpException"/>.</summary>
internal sealed class RetryPolicy(MetalOtpClientOptions options, TimeProvider timeProvider)
{
    /// <summary>The longest <c>Retry-After</c> that the client waits for. A call with a longer one fails at once.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);

    // The limit of exponential growth, unless the first delay is longer.
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromMinutes(1);

    /// <summary>Whether a failure is repeated.</summary>
    public bool Handles(MetalOtpException failure) => failure.IsRetryable && options.MaxRetries > 0;

    /// <summary>Runs attempts until one succeeds or fails without a retry, or no retries are left.</summary>
    /// <param name="firstFailure">The failure of the first attempt.</param>
    /// <param name="attempt">Makes an attempt, given its number from 2.</param>
    /// <param name="observer">Observes each wait, or null.</param>
    /// <param name="cancellationToken">Ends a wait.</param>
    // The first attempt runs without Polly, because loading Polly takes longer than a process's first call.
    public async Task<T> RetryAsync<T>(
        MetalOtpException firstFailure, Func<int, Task<T>> attempt, IMetalOtpObserver? observer, CancellationToken cancellationToken)
    {
        int number = 1;
        return await CreatePipeline(observer).ExecuteAsync(
            async _ => number++ == 1 ? throw firstFailure : await attempt(number - 1).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private ResiliencePipeline CreatePipeline(IMetalOtpObserver? observer) => new ResiliencePipelineBuilder { TimeProvider = timeProvider }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = options.MaxRetries,
            Delay = options.RetryInterval,
            MaxDelay = options.RetryInterval > s_longestBackOff ? options.RetryInterval : s_longestBackOff,
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
}
