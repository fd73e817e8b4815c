using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

public class RetryPolicyTests
{
    private static readonly MetalOtpException s_transient = new(MetalOtpErrorKind.ServerError, "x") { IsRetryable = true };

    [Fact]
    public async Task Attempts_are_numbered_from_2_without_gaps()
    {
        var numbers = new List<int>();

        string result = await Policy(maxRetries: 3).RetryAsync(
            s_transient,
            number =>
            {
                numbers.Add(number);
                return number < 4 ? throw s_transient : Task.FromResult("result");
            },
            observer: null,
            CancellationToken.None);

        Assert.Equal("result", result);
        Assert.Equal([2, 3, 4], numbers);
    }

    [Fact]
    public async Task Last_failure_is_thrown_when_the_retries_are_used_up()
    {
        MetalOtpException[] failures =
            [.. Enumerable.Range(1, 4).Select(_ => new MetalOtpException(MetalOtpErrorKind.ServerError, "x") { IsRetryable = true })];

        Assert.Same(
            failures[2],
            await Assert.ThrowsAsync<MetalOtpException>(() => Policy(maxRetries: 2).RetryAsync<int>(
                failures[0], number => throw failures[number - 1], observer: null, CancellationToken.None)));
    }

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
    public void Only_a_retryable_failure_is_repeated_if_retries_are_allowed(bool isRetryable, int maxRetries, bool isRepeated) =>
        Assert.Equal(isRepeated, Policy(maxRetries).Handles(new MetalOtpException(MetalOtpErrorKind.ServerError, "x") { IsRetryable = isRetryable }));

    private static RetryPolicy Policy(int maxRetries) =>
        new(new() { MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero }, TimeProvider.System);
}
