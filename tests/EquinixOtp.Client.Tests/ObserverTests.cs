using System.Net;

namespace EquinixOtp.Client.Tests;

public class ObserverTests
{
    [Fact]
    public async Task Each_attempt_and_each_delay_is_reported()
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task Headers_are_reported_redacted_if_they_are_wanted(bool wantsHeaders)
    {
        var observer = new RecordingObserver { WantsHeaders = wantsHeaders };
        await using LoopbackServer server = LoopbackServer.Responding(
            204, "", "Set-Cookie: id=1", $"X-Echo: <{Canary.Token}> <{Canary.Otp}>");
        using MetalOtpClient client = TestClient.For(server);

        await client.VerifyAsync(Canary.Otp, observer);

        string[] expected =
        [
            "> Accept: application/json",
            "> Content-Type: application/json",
            $"> User-Agent: {Assert.Single(server.Requests).Header("User-Agent")}",
            "> X-Auth-Token: ******",
            "< Set-Cookie: ******",
            "< X-Echo: <******> <******>",
        ];
        IEnumerable<string> reported = Assert.Single(observer.Reports).Headers.Where(line => line != "< Content-Length: 0");
        Assert.Equal(wantsHeaders ? expected.Order() : [], reported.Order());
    }

    [Fact]
    public async Task Attempt_without_a_response_is_reported_without_a_status_code()
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Closing();
        using MetalOtpClient client = TestClient.For(server);

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer);

        AttemptReport report = Assert.Single(observer.Reports);
        Assert.Equal((null, MetalOtpErrorKind.ConnectionFailed, null), (report.StatusCode, report.Error, report.RequestId));
        Assert.DoesNotContain(report.Headers, line => line.StartsWith('<'));
    }
}
