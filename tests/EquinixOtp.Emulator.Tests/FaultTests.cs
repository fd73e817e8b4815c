using System.Net;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

public class FaultTests
{
    [Fact]
    public async Task Lost_response_keeps_the_effect_and_is_journaled()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        IReadOnlyList<string> before = emulator.Account.RecoveryCodes;
        await emulator.AddFaultAsync("""{"operation":"regenerateCodes","name":"lost-response","count":1}""");

        // Over a socket, because HttpClient resends the request on another connection.
        Assert.Empty(await SendRawAsync(emulator, "POST", TestEmulator.CodesPath));

        Assert.Empty(before.Intersect(emulator.Account.RecoveryCodes));
        Assert.Equal(emulator.Account.RecoveryCodes, await emulator.ListCodesAsync());
        JsonElement entry = (await emulator.ReadAdminAsync("/requests"))[0];
        Assert.Equal("lost-response", entry.GetProperty("fault").GetString());
        Assert.False(entry.TryGetProperty("status", out _));
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task Status_replaces_the_response(string when, int effects)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync(
            $$"""
            {"operation":"receiveCodes","status":503,"when":"{{when}}","count":1,
            "headers":{"Retry-After":"120","X-Mine":"a"},"body":"{\"error\":\"später\"}"}
            """);

        Response response = await emulator.SendAsync(HttpMethod.Post, TestEmulator.SmsPath);

        response.AssertIs(HttpStatusCode.ServiceUnavailable, """{"error":"später"}""");
        Assert.Equal(TimeSpan.FromSeconds(120), response.Headers.RetryAfter?.Delta);
        Assert.Equal(["a"], response.Headers.GetValues("X-Mine"));
        Assert.Single(response.Headers.GetValues("X-Request-Id"));
        Assert.Equal(effects, emulator.Account.SmsCodes.Count);
        await emulator.SendSmsAsync();
    }

    [Theory]
    [InlineData("""{"operation":"*","status":302,"headers":{"Location":"https://other.example/"}}""", 302, null, "")]
    [InlineData(
        """{"operation":"*","status":200,"headers":{"Content-Type":"text/html"},"body":"<p>Log in</p>"}""",
        200, "text/html", "<p>Log in</p>")]
    [InlineData("""{"operation":"*","status":204}""", 204, null, "")]
    [InlineData("""{"operation":"*","status":599,"body":"x"}""", 599, "application/json", "x")]
    [InlineData("""{"operation":"*","name":"gateway-page"}""", 502, "text/html", "<html>")]
    [InlineData("""{"operation":"*","name":"outage"}""", 503, "application/json", """{"errors":[""")]
    [InlineData("""{"operation":"*","name":"throttled"}""", 429, "application/json", """{"errors":[""", 60)]
    [InlineData("""{"operation":"*","name":"throttled","headers":{"retry-after":"7"}}""", 429, "application/json", """{"errors":[""", 7)]
    public async Task Fault_has_any_response(string fault, int status, string? contentType, string body, int? retryAfter = null)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync(fault);

        Response response = await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath);

        Assert.Equal(status, (int)response.Status);
        Assert.StartsWith(body, response.Body, StringComparison.Ordinal);
        Assert.Equal(contentType, response.ContentHeaders.ContentType?.MediaType);
        Assert.Equal(status == 302 ? "https://other.example/" : null, response.Headers.Location?.ToString());
        Assert.Equal(retryAfter, response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Fact]
    public async Task Expired_session_applies_to_session_tokens_only()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        await emulator.AddFaultAsync("""{"operation":"*","name":"expired-session"}""");
        string session = await emulator.OpenSessionAsync();

        (await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath, session)).AssertUnauthorized();
        await emulator.AssertTokenAsync(emulator.Account.Token, isValid: true);
    }

    [Fact]
    public async Task Oldest_matching_fault_applies_until_its_count_is_zero()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"findRecoveryCodes","status":500,"count":2}""");
        await emulator.AddFaultAsync("""{"operation":"*","status":501}""");
        Assert.Equal([2, null], await ReadCountsAsync());

        Assert.Equal(501, (int)(await emulator.SendAsync(HttpMethod.Post, TestEmulator.CodesPath)).Status);
        Assert.Equal(500, (int)(await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).Status);
        Assert.Equal([1, null], await ReadCountsAsync());
        Assert.Equal(500, (int)(await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).Status);
        Assert.Equal(501, (int)(await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).Status);
        Assert.Equal([null], await ReadCountsAsync());
        (await emulator.SendAsync(HttpMethod.Get, "/nowhere")).AssertNotFound();

        (await emulator.AdminAsync(HttpMethod.Delete, "/faults")).AssertNoContent();
        await emulator.ListCodesAsync();

        async Task<IEnumerable<int?>> ReadCountsAsync() => (await emulator.ReadAdminAsync("/faults")).EnumerateArray()
            .Select(fault => fault.TryGetProperty("count", out JsonElement count) ? count.GetInt32() : (int?)null);
    }

    [Fact]
    public async Task Concurrent_requests_share_the_count_of_a_fault()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":500,"count":20}""");

        Response[] responses = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(_ => emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)));

        Assert.Equal(20, responses.Count(response => response.Status == HttpStatusCode.InternalServerError));
    }

    [Theory]
    [InlineData("findEnsureOtp", "POST", "/user/otp/verify/1")]
    [InlineData("findRecoveryCodes", "GET", TestEmulator.CodesPath)]
    [InlineData("regenerateCodes", "POST", TestEmulator.CodesPath)]
    [InlineData("receiveCodes", "POST", TestEmulator.SmsPath)]
    public async Task Fault_applies_to_the_operation_with_its_id(string operation, string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync($$"""{"operation":"{{operation}}","status":418}""");

        Assert.Equal(418, (int)(await emulator.SendAsync(new HttpMethod(method), path)).Status);
    }

    [Theory]
    [InlineData("\"when\":\"before\"", 204, 0)]
    [InlineData("\"when\":\"after\"", 204, 1)]
    [InlineData("\"status\":504", 504, 0)]
    public async Task Delay_precedes_the_rest_of_the_fault(string property, int status, int effects)
    {
        var time = new ObservedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);
        await emulator.AddFaultAsync($$"""{"operation":"*","delay":"00:00:02",{{property}}}""");

        Task<Response> request = emulator.SendAsync(HttpMethod.Post, TestEmulator.SmsPath);
        Assert.Equal(TimeSpan.FromSeconds(2), await time.NextTimerAsync());
        Assert.Equal(effects, emulator.Account.SmsCodes.Count);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(status, (int)(await request).Status);
        Assert.Equal(status == 204 ? 1 : 0, emulator.Account.SmsCodes.Count);
    }

    [Theory]
    [InlineData("before-headers", "^$")]
    [InlineData("in-headers", @"^HTTP/1\.1 200 OK\r\n(?!.*\r\n\r\n)")]
    [InlineData("after-headers", @"^HTTP/1\.1 200 OK\r\n.*Content-Length: 160\r\n.*\r\n\r\n$")]
    [InlineData("in-body", @"\r\n\r\n.{80}$")]
    [InlineData("after-body", @"\r\n\r\n.{160}$")]
    public async Task Connection_ends_at_each_point_of_the_response(string at, string received)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync($$"""{"operation":"*","connection":"close","at":"{{at}}","when":"after","count":1}""");
        await emulator.AddFaultAsync($$"""{"operation":"*","connection":"reset","at":"{{at}}","when":"after","count":1}""");

        Assert.Matches($"(?s){received}", await SendRawAsync(emulator, "GET", TestEmulator.CodesPath));
        await Assert.ThrowsAsync<IOException>(() => SendRawAsync(emulator, "GET", TestEmulator.CodesPath));
    }

    [Fact]
    public async Task Connection_ends_in_the_response_of_the_fault_without_effect()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":200,"body":"[\"123456789\"]","connection":"close","at":"in-body"}""");

        string received = await SendRawAsync(emulator, "POST", TestEmulator.SmsPath);

        Assert.Matches("""(?s)^HTTP/1\.1 200 OK\r\n.*\r\nContent-Length: 13\r\n.*\r\n\r\n\["1234$""", received);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Truncated_body_is_valid_HTTP()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.AddFaultAsync("""{"operation":"findRecoveryCodes","truncate":20,"when":"after"}""");

        (await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).AssertIs(HttpStatusCode.OK, "{\"recovery_codes\":[\"");
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
    public async Task Invalid_fault_is_rejected(string json)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(HttpMethod.Post, "/faults", json)).AssertRejected();

        Assert.Equal(0, (await emulator.ReadAdminAsync("/faults")).GetArrayLength());
    }

    [Fact]
    public async Task Fault_can_be_added_in_process()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        emulator.Emulator.AddFault(new() { Operation = "*", Name = "outage" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).Status);

        emulator.Emulator.ClearFaults();

        await emulator.ListCodesAsync();
        Assert.Throws<ArgumentException>(() => emulator.Emulator.AddFault(new() { Operation = "*" }));
        Assert.Throws<ArgumentNullException>(() => emulator.Emulator.AddFault(null!));
    }

    // Without Connection: close, so that only the fault ends the connection.
    private static Task<string> SendRawAsync(TestEmulator emulator, string method, string path) => emulator.SendRawAsync(
        $"{method} /metal/v1{path} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {emulator.Account.Token}\r\nContent-Length: 0\r\n\r\n");
}
