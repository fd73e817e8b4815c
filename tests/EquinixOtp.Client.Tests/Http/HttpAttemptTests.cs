using System.Net;
using System.Text;

namespace EquinixOtp.Client.Tests;

public class HttpAttemptTests
{
    [Fact]
    public async Task First_of_several_request_ids_is_reported()
    {
        await using LoopbackServer server = LoopbackServer.Responding(400, Response.Error, "X-Request-Id: a", "X-Request-Id: bc");
        using MetalOtpClient client = TestClient.For(server);

        Assert.Equal("a", (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!.RequestId);
    }

    [Fact]
    public async Task Messages_with_a_status_that_HTTP_does_not_define_are_not_read()
    {
        await using LoopbackServer server = LoopbackServer.Responding(600, Response.Error);
        using MetalOtpClient client = TestClient.For(server);

        Assert.Empty((await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!.Errors);
    }

    [Theory]
    [InlineData("html")]
    [InlineData("text/html")]
    [InlineData("TEXT/HTML; charset=utf-8")]
    public async Task Page_is_not_a_response_of_the_API(string contentType)
    {
        await using LoopbackServer server = LoopbackServer.Responding(401, Response.Error, $"Content-Type: {contentType}");
        using MetalOtpClient client = TestClient.For(server);

        Assert.Empty((await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!.Errors);
    }

    [Fact]
    public async Task Server_error_whose_body_is_cut_short_is_a_server_error()
    {
        await using LoopbackServer server = LoopbackServer.Closing("HTTP/1.1 500 x\r\nContent-Length: 9\r\n\r\n{");
        using MetalOtpClient client = TestClient.For(server);

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ServerError);
    }

    [Theory]
    [InlineData(1, "within 1 second (")]
    [InlineData(1.5, "within 1.5 seconds (")]
    public async Task Timeout_is_in_the_message(double seconds, string text)
    {
        var clock = new TestClock();
        var timeout = TimeSpan.FromSeconds(seconds);
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        server.Hanging = () => clock.Advance(timeout);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl, Timeout = timeout }, clock);

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.Timeout))!;

        Assert.Contains(text, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "user")]
    [InlineData("domain", @"domain\user")]
    public async Task Proxy_credential_that_the_proxy_repeats_is_masked(string domain, string user)
    {
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Canary.ProxyPassword}"));
        await using LoopbackServer proxy = LoopbackServer.Responding(400, $$"""{"error":"{{basic}}"}""");
        using var client = TestClient.Create(new()
        {
            BaseUrl = new Uri("http://localhost:8180/"),
            Proxy = proxy.BaseUrl,
            ProxyCredential = new NetworkCredential("user", Canary.ProxyPassword, domain),
        });

        Assert.Equal(["******"], (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!.Errors);
    }
}
