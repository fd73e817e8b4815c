using System.Net;

namespace EquinixOtp.Client.Tests;

public class ObserverTests
{
    [Fact]
    public async Task Each_attempt_is_reported_as_it_went()
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(503, "{}", "X-Request-Id: id-1"), Response.Json(200, Response.Codes, "X-Request-Id: id-2"));
        using MetalOtpClient client = TestClient.For(server);

        await client.GetRecoveryCodesAsync(observer);

        Assert.Equal([TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)], observer.Timeouts);
        Assert.Equal([(TimeSpan.Zero, MetalOtpErrorKind.ServerError)], observer.Waits);
        Assert.Equal(
            [
                ("GET", "/metal/v1/user/otp/recovery-codes", HttpStatusCode.ServiceUnavailable, MetalOtpErrorKind.ServerError, "id-1"),
                ("GET", "/metal/v1/user/otp/recovery-codes", (HttpStatusCode?)HttpStatusCode.OK, (MetalOtpErrorKind?)null, "id-2"),
            ],
            observer.Reports.Select(report => (report.Method, report.Url.AbsolutePath, report.StatusCode, report.Error, report.RequestId)));
        Assert.All(observer.Reports, report => Assert.InRange(report.Elapsed, TimeSpan.Zero, Condition.Limit));
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    public async Task An_OTP_is_masked_in_the_path(Operation operation)
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        await operation.RunAsync(client, observer);

        Assert.Equal("/metal/v1/user/otp/verify/******", Assert.Single(observer.Reports).Url.AbsolutePath);
    }

    [Fact]
    public async Task Headers_are_reported_with_their_secrets_masked_and_nothing_that_steers_a_terminal()
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(
            204,
            string.Empty,
            "Set-Cookie: id=1",
            "X-Session-Token: abc",
            "WWW-Authenticate: Basic",
            "X-Api-Key: abc",
            "X-Client-Secret: abc",
            "Session-Id: abc",
            "X-Password: abc",
            "X-Plain: seen",
            "X-Escape: a\u001B[31mb",
            $"X-Echo: <{Canary.Token}> <{Canary.Otp}>"));
        using MetalOtpClient client = TestClient.For(server);

        await client.VerifyAsync(Canary.Otp, observer);

        IReadOnlyList<string> headers = Assert.Single(observer.Reports).Headers;
        Assert.Equal(
            [
                "> Accept: application/json",
                "> Content-Type: application/json",
                $"> User-Agent: {Assert.Single(server.Requests).Header("User-Agent")}",
                "> X-Auth-Token: ******",
            ],
            headers.Where(line => line.StartsWith('>')));
        Assert.Superset(
            new HashSet<string>
            {
                "< Set-Cookie: ******",
                "< X-Session-Token: ******",
                "< WWW-Authenticate: ******",
                "< X-Api-Key: ******",
                "< X-Client-Secret: ******",
                "< Session-Id: ******",
                "< X-Password: ******",
                "< X-Plain: seen",
                "< X-Escape: a\uFFFD[31mb",
                "< X-Echo: <******> <******>",
            },
            new HashSet<string>(headers));
    }

    [Fact]
    public async Task Headers_that_nobody_wants_are_not_reported()
    {
        var observer = new RecordingObserver { WantsHeaders = false };
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        await client.SendSmsAsync(observer);

        Assert.Empty(Assert.Single(observer.Reports).Headers);
    }

    [Fact]
    public async Task An_attempt_without_an_answer_is_reported_without_a_status()
    {
        var observer = new RecordingObserver();
        await using var server = new LoopbackServer(_ => Task.CompletedTask);
        using MetalOtpClient client = TestClient.For(server);

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer);

        AttemptReport report = Assert.Single(observer.Reports);
        Assert.Equal((null, MetalOtpErrorKind.ConnectionFailed, null), (report.StatusCode, report.Error, report.RequestId));
        Assert.DoesNotContain(report.Headers, line => line.StartsWith('<'));
    }

    [Fact]
    public async Task A_call_that_is_refused_unsent_reports_nothing()
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync("..", observer));

        Assert.Empty(observer.Timeouts);
        Assert.Empty(observer.Reports);
    }
}
