namespace EquinixOtp.Client.Tests;

public class RetryTests
{
    public static TheoryData<Operation> Operations => [.. Enum.GetValues<Operation>()];

    public static TheoryData<Operation> Posts => [.. Enum.GetValues<Operation>().Where(operation => !operation.IsGet())];

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task The_GET_is_repeated_until_it_succeeds(int status)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(status, "{}"), Answer.Json(status, "{}"), Answer.Good);
        using MetalOtpClient client = TestClient.For(server);

        Assert.Equal(["alpha-1", "beta-2"], await client.GetRecoveryCodesAsync(Canary.Token));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_POST_is_repeated_after_a_429(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}"), Answer.Json(429, "{}"), Answer.Good);
        using MetalOtpClient client = TestClient.For(server);

        await operation.RunAsync(client, kind: null);

        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Zero_retries_are_none(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}"));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);

        await operation.RunAsync(client, MetalOtpErrorKind.RateLimited);

        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public async Task As_many_retries_as_told_and_no_more(int maxRetries)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(503, "{}"));
        using MetalOtpClient client = TestClient.For(server, maxRetries);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError);

        Assert.Equal(maxRetries + 1, server.Requests.Count);
    }

    [Fact]
    public async Task A_retry_after_a_failure_of_another_sort_has_the_last_ones_kind()
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(503, "{}"), Answer.Json(429, "{}"), Answer.Json(401, "{}"));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 5);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.Unauthorized);

        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_timeout_is_an_attempts_and_only_the_GET_is_repeated(Operation operation)
    {
        var clock = new TestClock();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HangAsync();
        });
        server.Hanging = () => clock.Advance(TimeSpan.FromSeconds(30));
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.Timeout))!;

        Assert.Equal((null, !operation.IsGet()), (e.StatusCode, e.MayHaveTakenEffect));
        Assert.Equal(operation.IsGet() ? 3 : 1, server.Requests.Count);
    }

    [Fact]
    public async Task The_GET_succeeds_after_a_timeout()
    {
        var clock = new TestClock();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await (connection.Index == 1 ? connection.HangAsync() : connection.WriteAsync(Answer.Good));
        });
        server.Hanging = () => clock.Advance(TimeSpan.FromSeconds(30));
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        await Operation.GetRecoveryCodes.RunAsync(client, kind: null);

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_connection_lost_after_the_request_is_repeated_for_the_GET_only(Operation operation)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            connection.Reset();
        });
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Equal(!operation.IsGet(), e.MayHaveTakenEffect);
        Assert.Equal(operation.IsGet() ? 3 : 1, server.Requests.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task The_GET_is_sent_no_more_often_than_told_though_the_server_closes(int maxRetries)
    {
        await using var server = new LoopbackServer(connection => connection.ReadRequestAsync());
        using MetalOtpClient client = TestClient.For(server, maxRetries);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed);

        Assert.Equal(maxRetries + 1, server.Requests.Count);
    }

    [Fact]
    public async Task The_waits_grow_from_the_first_with_jitter_and_end_at_a_minute()
    {
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(503, "{}"));
        using var client = new MetalOtpClient(
            new() { BaseUrl = server.BaseUrl, MaxRetries = 12, RetryInterval = TimeSpan.FromSeconds(1) }, clock);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError, observer);

        Assert.Equal(13, server.Requests.Count);
        Assert.All(observer.Waits, wait => Assert.Equal(MetalOtpErrorKind.ServerError, wait.Reason));
        double[] seconds = [.. observer.Waits.Select(wait => wait.Delay.TotalSeconds)];
        Assert.InRange(seconds[0], 0, 5);
        Assert.All(seconds, wait => Assert.InRange(wait, 0, 60));
        Assert.InRange(seconds.Max(), 10, 60);
        Assert.Equal(12, seconds.Length);
    }

    [Theory]
    [InlineData(429, "1", 1)]
    [InlineData(429, "60", 60)]
    [InlineData(503, "59", 59)]
    [InlineData(500, " 7 ", 7)]
    [InlineData(429, "Fri, 02 Jan 2026 03:04:45 GMT", 40)]
    [InlineData(429, "007", 7)]
    public async Task Retry_After_is_the_wait(int status, string retryAfter, double seconds)
    {
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(status, "{}", $"Retry-After: {retryAfter}"), Answer.Good);
        using var client = new MetalOtpClient(new() { BaseUrl = server.BaseUrl }, clock);

        await Operation.GetRecoveryCodes.RunAsync(client, kind: null, observer);

        Assert.Equal([TimeSpan.FromSeconds(seconds)], observer.Waits.Select(wait => wait.Delay));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("61", 61.0)]
    [InlineData("3600", 3600.0)]
    [InlineData("4294967296", 4294967296.0)]
    [InlineData("Fri, 02 Jan 2026 03:05:06 GMT", 61.0)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", null)]
    [InlineData("99999999999999999999999999", null)]
    public async Task A_longer_Retry_After_fails_at_once_and_is_told(string retryAfter, double? seconds)
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}", $"Retry-After: {retryAfter}"));
        using var client = new MetalOtpClient(new() { BaseUrl = server.BaseUrl }, new TestClock());
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.RateLimited, observer))!;

            Assert.NotNull(e.RetryAfter);
            if (seconds is not null)
            {
                Assert.Equal(seconds, e.RetryAfter.Value.TotalSeconds);
            }
        }

        Assert.Equal(5, server.Requests.Count);
        Assert.Empty(observer.Waits);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("+5")]
    [InlineData("٣")]
    [InlineData("")]
    [InlineData("Fri, 02 Jan 2026 03:04:05 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("2026-01-02T03:05:06Z")]
    public async Task A_Retry_After_that_says_nothing_leaves_the_usual_wait(string retryAfter)
    {
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}", $"Retry-After: {retryAfter}"), Answer.Good);
        using var client = new MetalOtpClient(new() { BaseUrl = server.BaseUrl }, clock);

        await Operation.SendSms.RunAsync(client, kind: null, observer);

        Assert.InRange(Assert.Single(observer.Waits).Delay.TotalSeconds, 0, 5);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_TOTP_retry_sends_the_code_that_is_current_then()
    {
        var clock = new TestClock();
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}", "Retry-After: 45"), Answer.NoContent);
        using var client = new MetalOtpClient(new() { BaseUrl = server.BaseUrl }, clock);
        string before = TestClient.CodeOfCanary(clock);

        await Operation.VerifyTotp.RunAsync(client, kind: null, RecordingObserver.Skipping(clock));

        string after = TestClient.CodeOfCanary(clock);
        Assert.NotEqual(before, after);
        Assert.Equal([before, after], server.Requests.Select(request => request.Target.Split('/')[^1]));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task A_clock_that_jumps_during_a_wait_changes_the_next_code_and_not_the_wait(int seconds)
    {
        var clock = new TestClock();
        var observer = new RecordingObserver
        {
            Waiting = delay =>
            {
                clock.AdjustTime(clock.GetUtcNow().AddSeconds(seconds));
                _ = clock.AdvanceWhenDueAsync(delay);
            },
        };
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}", "Retry-After: 10"), Answer.NoContent);
        using var client = new MetalOtpClient(new() { BaseUrl = server.BaseUrl }, clock);
        DateTimeOffset start = clock.GetUtcNow();

        await Operation.VerifyTotp.RunAsync(client, kind: null, observer);

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(observer.Waits).Delay);
        Assert.Equal(start.AddSeconds(seconds + 10), clock.GetUtcNow());
        Assert.Equal(TestClient.CodeOfCanary(clock), server.Requests.Last().Target.Split('/')[^1]);
    }
}
