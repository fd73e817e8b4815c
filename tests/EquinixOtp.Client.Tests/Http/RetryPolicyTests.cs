using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

public class RetryPolicyTests
{
    private static readonly MetalOtpException s_transient = new(MetalOtpErrorKind.ServerError, "x") { IsRetryable = true };

    [Fact]
    public async Task Attempts_are_numbered_from_1_without_gaps()
    {
        var numbers = new List<int>();

        string result = await Policy(maxRetries: 3).ExecuteAsync(
            number =>
            {
                numbers.Add(number);
                return number < 4 ? throw s_transient : Task.FromResult("result");
            },
            observer: null,
            CancellationToken.None);

        Assert.Equal("result", result);
        Assert.Equal([1, 2, 3, 4], numbers);
    }

    [Fact]
    public async Task Last_failure_is_thrown_when_the_retries_are_used_up()
    {
        MetalOtpException[] failures =
            [.. Enumerable.Range(1, 4).Select(_ => new MetalOtpException(MetalOtpErrorKind.ServerError, "x") { IsRetryable = true })];

        Assert.Same(
            failures[2],
            await Assert.ThrowsAsync<MetalOtpException>(() => Policy(maxRetries: 2).ExecuteAsync<int>(
                number => throw failures[number - 1], observer: null, CancellationToken.None)));
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
        foreach (int last in new[] { 1, 2, 3 })
        {
            int attempts = 0;
            Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => Policy(maxRetries: 5).ExecuteAsync<int>(
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

    private static RetryPolicy Policy(int maxRetries) =>
        new(new() { MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero }, TimeProvider.System);
}
