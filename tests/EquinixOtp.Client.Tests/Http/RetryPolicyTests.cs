using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

public class RetryPolicyTests
{
    private static readonly MetalOtpException s_transient = new(MetalOtpErrorKind.ServerError, "x") { IsRetryable = true };

    public static TheoryData<Exception> FinalFailures =>
    [
        new MetalOtpException(MetalOtpErrorKind.Unauthorized, "x"),
        new OperationCanceledException(),
        new InvalidOperationException(),
    ];

    [Theory]
    [MemberData(nameof(FinalFailures))]
    public async Task Failure_that_is_not_retryable_ends_the_call_at_any_attempt(Exception final)
    {
        foreach (int last in new[] { 2, 3 })
        {
            int attempts = 0;
            Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => Policy(maxRetries: 5).RetryAsync<int>(
                s_transient,
                number =>
                {
                    attempts = number;
                    throw number < last ? s_transient : final;
                },
                observer: null,
                CancellationToken.None));

            Assert.Same(final, thrown);
            Assert.Equal(last, attempts);
        }
    }

    [Theory]
    [InlineData(true, 1, true)]
    [InlineData(true, 0, false)]
    [InlineData(false, 1, false)]
    public void Retryable_failure_is_retried_if_the_options_allow_a_retry(bool isRetryable, int maxRetries, bool isRetried) =>
        Assert.Equal(
            isRetried,
            Policy(maxRetries).Handles(new MetalOtpException(MetalOtpErrorKind.ServerError, "x") { IsRetryable = isRetryable }));

    private static RetryPolicy Policy(int maxRetries) =>
        new(new() { MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero }, TimeProvider.System);
}
