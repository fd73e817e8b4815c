using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

public class FaultTests
{
    private const string Codes = "/user/otp/recovery-codes";

    [Fact]
    public async Task A_lost_response_leaves_the_effect()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        IReadOnlyList<string> before = emulator.Account.RecoveryCodes;
        await emulator.AddFaultAsync("""{"operation":"regenerateCodes","name":"lost-response","count":1}""");

        // By socket, because HttpClient would resend the request on another connection.
        string answer = await emulator.SendRawAsync(FormatRequest(emulator, "POST", Codes));

        Assert.Empty(answer);
        Assert.Empty(before.Intersect(emulator.Account.RecoveryCodes));
        Assert.Equal(emulator.Account.RecoveryCodes, await emulator.ListCodesAsync());
        JsonElement entry = (await emulator.ReadAdminAsync("/requests"))[0];
        Assert.Equal("lost-response", entry.GetProperty("fault").GetString());
        Assert.False(entry.TryGetProperty("status", out _));
        await emulator.ResetCodesAsync();
    }

    [Fact]
    public async Task A_status_replaces_the_operation_with_its_headers_and_body()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""
            {"operation":"receiveCodes","status":503,"headers":{"Retry-After":"120","X-Mine":"a"},"body":"{\"error\":\"später\"}","count":1}
            """);

        Answer answer = await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive");

        answer.AssertIs(HttpStatusCode.ServiceUnavailable, """{"error":"später"}""");
        Assert.Equal(TimeSpan.FromSeconds(120), answer.Headers.RetryAfter?.Delta);
        Assert.Equal(["a"], answer.Headers.GetValues("X-Mine"));
        Assert.Single(answer.Headers.GetValues("X-Request-Id"));
        Assert.Empty(emulator.Account.SmsCodes);
        await emulator.SendSmsAsync();
    }

    [Fact]
    public async Task A_status_after_the_effect_replaces_only_the_response()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"receiveCodes","status":500,"when":"after"}""");

        Answer answer = await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.Empty(answer.Body);
        Assert.Single(emulator.Account.SmsCodes);
    }

    [Theory]
    [InlineData("""{"operation":"*","status":302,"headers":{"Location":"https://elsewhere.example/"}}""", 302, "")]
    [InlineData("""{"operation":"*","status":200,"headers":{"Content-Type":"text/html"},"body":"<p>Log in</p>"}""", 200, "<p>Log in</p>")]
    [InlineData("""{"operation":"*","status":204}""", 204, "")]
    [InlineData("""{"operation":"*","status":599,"body":"x"}""", 599, "x")]
    [InlineData("""{"operation":"*","name":"gateway-page"}""", 502, "<html>")]
    [InlineData("""{"operation":"*","name":"outage"}""", 503, "{\"errors\":[")]
    [InlineData("""{"operation":"*","name":"throttled"}""", 429, "{\"errors\":[")]
    [InlineData("""{"operation":"*","name":"throttled","headers":{"retry-after":"7"}}""", 429, "{\"errors\":[")]
    public async Task A_response_of_any_kind_can_be_given(string fault, int status, string body)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync(fault);

        Answer answer = await emulator.SendAsync(HttpMethod.Get, Codes);

        Assert.Equal(status, (int)answer.Status);
        Assert.StartsWith(body, answer.Body, StringComparison.Ordinal);
        string? type = status switch { 302 or 204 => null, 200 or 502 => "text/html", _ => "application/json" };
        Assert.Equal(type, answer.ContentHeaders.ContentType?.MediaType);
        Assert.Equal(status == 302 ? "https://elsewhere.example/" : null, answer.Headers.Location?.ToString());
        int? seconds = fault.Contains("\"7\"", StringComparison.Ordinal) ? 7 : status == 429 ? 60 : null;
        Assert.Equal(seconds, answer.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task An_expired_session_is_one_of_session_tokens_only()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        await emulator.AddFaultAsync("""{"operation":"*","name":"expired-session"}""");
        string session = (await emulator.VerifyAsync(await emulator.SendSmsAsync())).ReadJson().GetProperty("token").GetString()!;

        (await emulator.SendAsync(HttpMethod.Get, Codes, session))
            .AssertIs(HttpStatusCode.Unauthorized, """{"error":"Invalid authentication token"}""");
        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task A_fault_applies_to_its_operation_for_its_count_the_oldest_first()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"findRecoveryCodes","status":500,"count":2}""");
        await emulator.AddFaultAsync("""{"operation":"*","status":501}""");
        Assert.Equal([2, null], await ReadCountsAsync());

        Assert.Equal(501, (int)(await emulator.SendAsync(HttpMethod.Post, Codes)).Status);
        Assert.Equal(500, (int)(await emulator.SendAsync(HttpMethod.Get, Codes)).Status);
        Assert.Equal([1, null], await ReadCountsAsync());
        Assert.Equal(500, (int)(await emulator.SendAsync(HttpMethod.Get, Codes)).Status);
        Assert.Equal(501, (int)(await emulator.SendAsync(HttpMethod.Get, Codes)).Status);
        Assert.Equal([null], await ReadCountsAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await emulator.SendAsync(HttpMethod.Get, "/nowhere")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await emulator.AdminAsync(HttpMethod.Delete, "/faults")).Status);
        await emulator.AssertServesAsync();

        async Task<IEnumerable<int?>> ReadCountsAsync() => (await emulator.ReadAdminAsync("/faults")).EnumerateArray()
            .Select(fault => fault.TryGetProperty("count", out JsonElement count) ? count.GetInt32() : (int?)null);
    }

    [Fact]
    public async Task Concurrent_requests_share_the_count_exactly()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":500,"count":20}""");

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => emulator.SendAsync(HttpMethod.Get, Codes)));

        Assert.Equal(20, answers.Count(answer => answer.Status == HttpStatusCode.InternalServerError));
    }

    [Theory]
    [InlineData("findEnsureOtp", "POST", "/user/otp/verify/1")]
    [InlineData("findRecoveryCodes", "GET", Codes)]
    [InlineData("regenerateCodes", "POST", Codes)]
    [InlineData("receiveCodes", "POST", "/user/otp/sms/receive")]
    public async Task Each_operation_has_its_id(string operation, string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync($$"""{"operation":"{{operation}}","status":418}""");

        Assert.Equal(418, (int)(await emulator.SendAsync(new HttpMethod(method), path)).Status);
        Assert.Equal(operation, (await emulator.ReadAdminAsync("/requests"))[0].GetProperty("operation").GetString());
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task A_delay_holds_up_the_operation_or_its_response(string when, int effects)
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);
        await emulator.AddFaultAsync($$"""{"operation":"*","delay":"00:00:02","when":"{{when}}"}""");

        Task<Answer> call = emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive");
        Assert.Equal(TimeSpan.FromSeconds(2), await time.NextTimerAsync());
        Assert.Equal(effects, emulator.Account.SmsCodes.Count);
        time.Advance(TimeSpan.FromSeconds(2));

        (await call).AssertConfirmed();
        Assert.Single(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task A_delay_can_come_before_a_status()
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);
        await emulator.AddFaultAsync("""{"operation":"*","delay":"00:01:00","status":504}""");

        Task<Answer> call = emulator.SendAsync(HttpMethod.Get, Codes);
        Assert.Equal(TimeSpan.FromMinutes(1), await time.NextTimerAsync());
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await call).Status);
    }

    [Theory]
    [InlineData("before-headers")]
    [InlineData("in-headers")]
    [InlineData("after-headers")]
    [InlineData("in-body")]
    [InlineData("after-body")]
    public async Task A_connection_closes_at_each_point_of_the_response(string at)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync($$"""{"operation":"*","connection":"close","at":"{{at}}","when":"after","count":1}""");

        string answer = await emulator.SendRawAsync(FormatRequest(emulator, "GET", Codes), throwOnReset: true);

        AssertEndsAt(at, answer);
        await emulator.AssertServesAsync();
    }

    [Theory]
    [InlineData("before-headers")]
    [InlineData("in-headers")]
    [InlineData("after-headers")]
    [InlineData("in-body")]
    [InlineData("after-body")]
    public async Task A_connection_is_reset_at_each_point_of_the_response(string at)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync($$"""{"operation":"*","connection":"reset","at":"{{at}}","when":"after","count":1}""");

        await Assert.ThrowsAsync<SocketException>(() => emulator.SendRawAsync(FormatRequest(emulator, "GET", Codes), throwOnReset: true));

        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task A_connection_ends_inside_a_response_of_the_fault_before_the_effect()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":200,"body":"[\"123456789\"]","connection":"close","at":"in-body"}""");

        string answer = await emulator.SendRawAsync(FormatRequest(emulator, "POST", "/user/otp/sms/receive"));

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 13\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n[\"1234", answer, StringComparison.Ordinal);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task A_truncated_body_is_well_formed_HTTP()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"findRecoveryCodes","truncate":20,"when":"after"}""");

        (await emulator.SendAsync(HttpMethod.Get, Codes)).AssertIs(HttpStatusCode.OK, """{"recovery_codes":["""[..19] + "\"");
    }

    [Theory]
    [InlineData("""{"status":500}""")]
    [InlineData("""{"operation":"verify","status":500}""")]
    [InlineData("""{"operation":"findensureotp","status":500}""")]
    [InlineData("""{"operation":null,"status":500}""")]
    [InlineData("""{"operation":"*"}""")]
    [InlineData("""{"operation":"*","name":"unheard-of"}""")]
    [InlineData("""{"operation":"*","name":"outage","status":500}""")]
    [InlineData("""{"operation":"*","name":"outage","truncate":5}""")]
    [InlineData("""{"operation":"*","name":"outage","at":"in-body"}""")]
    [InlineData("""{"operation":"*","status":199}""")]
    [InlineData("""{"operation":"*","status":600}""")]
    [InlineData("""{"operation":"*","status":"500"}""")]
    [InlineData("""{"operation":"*","status":204,"body":"x"}""")]
    [InlineData("""{"operation":"*","status":500,"count":0}""")]
    [InlineData("""{"operation":"*","status":500,"when":"during"}""")]
    [InlineData("""{"operation":"*","status":500,"when":1}""")]
    [InlineData("""{"operation":"*","status":500,"headers":{"a b":"c"}}""")]
    [InlineData("""{"operation":"*","status":500,"headers":{"":"c"}}""")]
    [InlineData("""{"operation":"*","status":500,"headers":{"a":"b\r\nc: d"}}""")]
    [InlineData("""{"operation":"*","status":500,"headers":{"a":null}}""")]
    [InlineData("""{"operation":"*","status":500,"headers":{"content-length":"5"}}""")]
    [InlineData("""{"operation":"*","body":"x","connection":"close"}""")]
    [InlineData("""{"operation":"*","headers":{"a":"b"},"delay":"00:00:01"}""")]
    [InlineData("""{"operation":"*","delay":"00:00:00"}""")]
    [InlineData("""{"operation":"*","delay":"01:00:00.0000001"}""")]
    [InlineData("""{"operation":"*","connection":"hang"}""")]
    [InlineData("""{"operation":"*","connection":"close","at":"in-body"}""")]
    [InlineData("""{"operation":"*","at":"in-body","when":"after"}""")]
    [InlineData("""{"operation":"*","truncate":5}""")]
    [InlineData("""{"operation":"*","truncate":-1,"when":"after"}""")]
    [InlineData("""{"operation":"*","truncate":5,"when":"after","status":200}""")]
    [InlineData("""{"operation":"*","status":500,"stauts":1}""")]
    public async Task What_cannot_be_meant_is_rejected(string json)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(HttpMethod.Post, "/faults", json)).AssertRejected();

        Assert.Equal(0, (await emulator.ReadAdminAsync("/faults")).GetArrayLength());
    }

    [Fact]
    public async Task A_fault_can_be_added_in_process()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        emulator.Emulator.AddFault(new() { Operation = "*", Name = "outage" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Get, Codes)).Status);

        emulator.Emulator.ClearFaults();

        await emulator.AssertServesAsync();
        Assert.Throws<ArgumentException>(() => emulator.Emulator.AddFault(new() { Operation = "*" }));
        Assert.Throws<ArgumentNullException>(() => emulator.Emulator.AddFault(null!));
    }

    private static byte[] FormatRequest(TestEmulator emulator, string method, string path) => Encoding.ASCII.GetBytes(
        $"{method} /metal/v1{path} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {emulator.Account.Token}\r\nContent-Length: 0\r\n\r\n");

    private static void AssertEndsAt(string at, string answer)
    {
        string[] parts = answer.Split("\r\n\r\n");
        switch (at)
        {
            case "before-headers":
                Assert.Empty(answer);
                break;
            case "in-headers":
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
                Assert.Single(parts);
                break;
            case "after-headers":
                Assert.Contains("Content-Length: 160", parts[0], StringComparison.Ordinal);
                Assert.Equal(string.Empty, parts[1]);
                break;
            case "in-body":
                Assert.Equal(80, parts[1].Length);
                break;
            default:
                Assert.Equal(160, parts[1].Length);
                break;
        }
    }
}
