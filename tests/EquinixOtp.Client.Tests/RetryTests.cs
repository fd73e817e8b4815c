namespace EquinixOtp.Client.Tests;

public class RetryTests
{
    // The seconds that it says, on the clock of the tests. Null and zero leave the usual wait.
    private static readonly Dictionary<string, double?> s_retryAfters = new()
    {
        ["0"] = 0,
        ["7"] = 7,
        ["60"] = 60,
        ["61"] = 61,
        ["99999999999999999999999999"] = TimeSpan.MaxValue.TotalSeconds,
        ["Fri, 02 Jan 2026 03:04:45 GMT"] = 40,
        ["Fri, 02 Jan 2026 03:05:06 GMT"] = 61,
        ["Fri, 02 Jan 2026 03:04:05 GMT"] = null,
        ["soon"] = null,
    };

    public static TheoryData<Operation> Operations => [.. Enum.GetValues<Operation>()];

    public static TheoryData<Operation> Posts => [.. Enum.GetValues<Operation>().Where(operation => !operation.IsGet())];

    public static TheoryData<Operation, int, string> OperationsAndRetryAfters()
    {
        var data = new TheoryData<Operation, int, string>();
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            foreach (int status in new[] { 429, 500, 503 })
            {
                foreach (string retryAfter in s_retryAfters.Keys)
                {
                    data.Add(operation, status, retryAfter);
                }
            }
        }

        return data;
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task The_GET_is_repeated_until_it_succeeds(int status)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, "{}"), Response.Json(status, "{}"), Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        Assert.Equal(["alpha-1", "beta-2"], await client.GetRecoveryCodesAsync());
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_POST_is_repeated_after_a_429(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(429, "{}"), Response.Json(429, "{}"), Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await operation.RunAsync(client, kind: null);

        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Zero_retries_are_none(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(429, "{}"));
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
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(503, "{}"));
        using MetalOtpClient client = TestClient.For(server, maxRetries);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError);

        Assert.Equal(maxRetries + 1, server.Requests.Count);
    }

    [Fact]
    public async Task A_retry_after_a_failure_of_another_sort_has_the_last_ones_kind()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(503, "{}"), Response.Json(429, "{}"), Response.Json(401, Response.Error));
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
            await (connection.Number == 1 ? connection.HangAsync() : connection.WriteAsync(Response.Good));
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

#if !DESKTOP // .NET Framework refuses a GET with a body, and without one the handler itself resends it.
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
#endif

    [Fact]
    public async Task The_waits_grow_from_the_first_with_jitter_and_end_at_a_minute()
    {
        double[] seconds = await TwelveWaitsAsync(TimeSpan.FromSeconds(1));

        Assert.InRange(seconds[0], 0, 5);
        Assert.All(seconds, wait => Assert.InRange(wait, 0, 60));
        Assert.InRange(seconds.Max(), 10, 60);
        Assert.Contains(seconds, wait => wait != Math.Round(wait));
    }

    [Fact]
    public async Task The_waits_may_be_longer_than_a_minute_when_the_first_is() =>
        Assert.InRange((await TwelveWaitsAsync(TimeSpan.FromMinutes(10))).Max(), 120, 600);

    [Theory]
    [MemberData(nameof(OperationsAndRetryAfters))]
    public async Task Retry_After_is_the_wait_of_what_may_be_repeated_and_an_error_above_a_minute(Operation operation, int status, string retryAfter)
    {
        double? seconds = s_retryAfters[retryAfter];
        bool isRepeated = (status == 429 || operation.IsGet()) && !(seconds > 60);
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, "{}", $"Retry-After: {retryAfter}"), Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);

        MetalOtpException? e = await operation.RunAsync(
            client, isRepeated ? null : status == 429 ? MetalOtpErrorKind.RateLimited : MetalOtpErrorKind.ServerError, observer);

        Assert.Equal(isRepeated ? 2 : 1, server.Requests.Count);
        Assert.Equal(isRepeated ? null : seconds, e?.RetryAfter?.TotalSeconds);
        double[] waits = [.. observer.Waits.Select(wait => wait.Delay.TotalSeconds)];
        Assert.Equal(isRepeated ? 1 : 0, waits.Length);
        Assert.All(waits, wait => Assert.InRange(wait, seconds ?? 0, seconds > 0 ? seconds.Value : 5));
    }

    [Fact]
    public async Task A_TOTP_retry_sends_the_code_that_is_current_then()
    {
        var clock = new TestClock();
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(429, "{}", "Retry-After: 45"), Response.NoContent);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);
        string before = Canary.CodeAt(clock.GetUtcNow());

        await Operation.VerifyTotp.RunAsync(client, kind: null, RecordingObserver.Skipping(clock));

        string after = Canary.CodeAt(clock.GetUtcNow());
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
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(429, "{}", "Retry-After: 10"), Response.NoContent);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);
        DateTimeOffset start = clock.GetUtcNow();

        await Operation.VerifyTotp.RunAsync(client, kind: null, observer);

        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(observer.Waits).Delay);
        Assert.Equal(start.AddSeconds(seconds + 10), clock.GetUtcNow());
        Assert.Equal(Canary.CodeAt(clock.GetUtcNow()), server.Requests[^1].Target.Split('/')[^1]);
    }

    // The waits of a GET that always fails, in seconds.
    private static async Task<double[]> TwelveWaitsAsync(TimeSpan interval)
    {
        var clock = new TestClock();
        RecordingObserver observer = RecordingObserver.Skipping(clock);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(503, "{}"));
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl, MaxRetries = 12, RetryInterval = interval }, clock);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError, observer);

        Assert.Equal(13, server.Requests.Count);
        Assert.All(observer.Waits, wait => Assert.Equal(MetalOtpErrorKind.ServerError, wait.Reason));
        double[] seconds = [.. observer.Waits.Select(wait => wait.Delay.TotalSeconds)];
        Assert.Equal(12, seconds.Length);
        return seconds;
    }
}
