namespace EquinixOtp.Client.Tests;

public class RetryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Failing_GET_is_retried_as_often_as_the_options_say(int maxRetries)
    {
        await using LoopbackServer server = LoopbackServer.Responding(503, "{}");
        using MetalOtpClient client = TestClient.For(server, maxRetries);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError);

        Assert.Equal(maxRetries + 1, server.Requests.Count);
    }

    [Theory]
    [InlineData(1, 10, 60)]
    [InlineData(600, 120, 600)]
    public async Task Delays_grow_up_to_a_minute_or_the_first_delay(int interval, int least, int most)
    {
        double[] seconds = await GetDelaysAsync(interval);

        Assert.Equal(12, seconds.Length);
        Assert.InRange(seconds[0], 0, 5 * interval);
        Assert.InRange(seconds.Max(), least, most);
    }

    [Fact]
    public async Task Delays_have_jitter() => Assert.Contains(await GetDelaysAsync(interval: 1), delay => delay != Math.Round(delay));

    private static async Task<double[]> GetDelaysAsync(int interval)
    {
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Responding(503, "{}");
        using var client = TestClient.Create(
            new() { BaseUrl = server.BaseUrl, MaxRetries = 12, RetryInterval = TimeSpan.FromSeconds(interval) }, clock);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError, observer);

        return [.. observer.Waits.Select(wait => wait.Delay.TotalSeconds)];
    }

    public static TheoryData<Operation, int, string, double?> RetryAfters()
    {
        // The expected seconds at the time of the test's clock. With zero or null, the default delay applies.
        (string, double?)[] values =
        [
            ("0", 0), ("7", 7), ("60", 60), ("61", 61), ("99999999999999999999999999", TimeSpan.MaxValue.TotalSeconds), ("soon", null),
            ("Fri, 02 Jan 2026 03:04:45 GMT", 40), ("Fri, 02 Jan 2026 03:05:06 GMT", 61), ("Fri, 02 Jan 2026 03:04:05 GMT", null),
        ];
        var data = new TheoryData<Operation, int, string, double?>();
        foreach (int status in new[] { 429, 500, 503 })
        {
            foreach ((string value, double? seconds) in values)
            {
                data.Add(Operation.GetRecoveryCodes, status, value, seconds);
                data.Add(Operation.SendSms, status, value, seconds);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RetryAfters))]
    public async Task Retry_After_is_the_delay_of_a_safe_retry_and_an_error_above_a_minute(
        Operation operation, int status, string retryAfter, double? seconds)
    {
        bool isRetried = (status == 429 || operation.IsGet()) && !(seconds > 60);
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(status, "{}", $"Retry-After: {retryAfter}"), Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);

        MetalOtpException? e = await operation.RunAsync(
            client, isRetried ? null : status == 429 ? MetalOtpErrorKind.RateLimited : MetalOtpErrorKind.ServerError, observer);

        Assert.Equal(isRetried ? 2 : 1, server.Requests.Count);
        Assert.Equal(isRetried ? null : seconds, e?.RetryAfter?.TotalSeconds);
        Assert.Equal(isRetried ? 1 : 0, observer.Waits.Count);
        Assert.All(observer.Waits, wait => Assert.InRange(wait.Delay.TotalSeconds, seconds ?? 0, seconds > 0 ? seconds.Value : 5));
        Assert.All(observer.Waits, wait => Assert.NotEqual(TimeSpan.Zero, wait.Delay));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task Retry_with_a_TOTP_secret_sends_the_code_of_its_time_after_a_clock_change(int seconds)
    {
        var clock = new TestClock();
        var observer = new RecordingObserver
        {
            Waiting = delay =>
            {
                clock.AdjustTime(clock.GetUtcNow().AddSeconds(seconds));
                _ = clock.AdvanceWhenStartedAsync(delay);
            },
        };
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(429, "{}", "Retry-After: 10"), Response.NoContent);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);
        DateTimeOffset start = clock.GetUtcNow();

        await Operation.VerifyTotp.RunAsync(client, kind: null, observer);

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(observer.Waits).Delay);
        Assert.Equal(start.AddSeconds(seconds + 10), clock.GetUtcNow());
        string[] codes = [Canary.CodeAt(start), Canary.CodeAt(clock.GetUtcNow())];
        Assert.NotEqual(codes[0], codes[1]);
        Assert.Equal(codes, server.Requests.Select(request => request.Target.Split('/')[^1]));
    }

    // The API accepts a code for some time after its period.
    [Fact]
    public async Task Code_of_an_earlier_attempt_is_masked()
    {
        var clock = new TestClock();
        var observer = new RecordingObserver { Waiting = delay => _ = clock.AdvanceWhenStartedAsync(delay) };
        string code = Canary.CodeAt(clock.GetUtcNow());
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(429, "{}", "Retry-After: 30"),
            Response.Json(400, $$"""{"error":"{{code}}"}"""));
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);

        MetalOtpException e = (await Operation.VerifyTotp.RunAsync(client, MetalOtpErrorKind.OtpRejected, observer))!;

        Assert.NotEqual(code, server.Requests[1].Target.Split('/')[^1]);
        Assert.Equal(["******"], e.Errors);
    }
}
