using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace EquinixOtp.Client.Tests;

public class ProxyTests
{
    // .NET reads the environment's proxy once per process.
    private static LoopbackServer? s_environmentProxy;

    private static readonly Uri s_api = new("https://api.invalid/metal/v1");

    [ModuleInitializer]
    internal static void SetEnvironmentProxy()
    {
        s_environmentProxy = LoopbackServer.Responding(Response.Create(502, string.Empty));
        foreach (string variable in new[] { "http_proxy", "https_proxy", "all_proxy" })
        {
            Environment.SetEnvironmentVariable(variable, $"http://127.0.0.1:{s_environmentProxy.Port}");
        }

        Environment.SetEnvironmentVariable("no_proxy", null);
        TestSystemProxy.Install();
    }

    [Fact]
    public async Task Proxy_of_the_environment_receives_only_the_host_of_an_https_URL()
    {
        using var client = TestClient.Create(new() { BaseUrl = new Uri("https://environment.invalid:8443/metal/v1"), MaxRetries = 0 });

        await Operation.Verify.RunAsync(client, MetalOtpErrorKind.ConnectionFailed);

        const string Authority = "environment.invalid:8443";
        AssertIsConnect(Assert.Single(s_environmentProxy!.Requests, request => request.Target == Authority), Authority);
    }

    [Fact]
    public async Task NoProxy_connects_directly()
    {
        // This machine, but not a loopback address for the client.
        await using var server = new LoopbackServer(_ => Task.CompletedTask);
        var url = new Uri($"https://0.0.0.0:{server.Port}/");
        using var direct = TestClient.Create(new() { BaseUrl = url, NoProxy = true, MaxRetries = 0 });
        using var proxied = TestClient.Create(new() { BaseUrl = url, MaxRetries = 0 });

        await Operation.Verify.RunAsync(direct, MetalOtpErrorKind.ConnectionFailed);
        Assert.DoesNotContain(s_environmentProxy!.Requests, request => request.Target == url.Authority);

        await Operation.Verify.RunAsync(proxied, MetalOtpErrorKind.ConnectionFailed);
        Assert.Contains(s_environmentProxy.Requests, request => request.Target == url.Authority);
    }

    [Fact]
    public async Task Explicit_proxy_is_used_for_loopback_too()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(Through(proxy) with { BaseUrl = server.BaseUrl });

        await client.GetRecoveryCodesAsync();

        Assert.Equal($"GET {server.BaseUrl}/user/otp/recovery-codes HTTP/1.1", Assert.Single(proxy.Requests).RequestLine);
        Assert.Equal(0, server.ConnectionCount);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData(302, 1)]
    [InlineData(403, 1)]
    [InlineData(407, 1)]
    [InlineData(502, 3)]
    public async Task Refused_tunnel_has_no_effect_and_is_retried_for_a_GET_if_the_proxy_failed(int status, int getCount)
    {
        foreach (Operation operation in new[] { Operation.GetRecoveryCodes, Operation.Verify })
        {
            await using LoopbackServer proxy = LoopbackServer.Responding(status, "", "Proxy-Authenticate: Basic realm=\"x\"");
            using var client = TestClient.Create(Through(proxy) with { BaseUrl = s_api, MaxRetries = 2 });

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

            Assert.Contains($"HTTP {status}", e.Message, StringComparison.Ordinal);
            Assert.Equal((null, false), (e.StatusCode, e.MayHaveTakenEffect));
            Assert.Equal(operation.IsGet() ? getCount : 1, proxy.Requests.Count);
            Assert.All(proxy.Requests, request => AssertIsConnect(request, "api.invalid:443"));
        }
    }
#endif

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0 proxy\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task POST_is_not_retried_if_the_tunnel_breaks(string response)
    {
        await using LoopbackServer proxy = LoopbackServer.Closing(response);
        using var client = TestClient.Create(Through(proxy) with { BaseUrl = s_api });
        var observer = new RecordingObserver();

        await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer);

        Assert.Single(observer.Reports);
        // .NET repeats a CONNECT that gets no response. The request itself is sent only after the tunnel opens.
        Assert.All(proxy.Requests, request => AssertIsConnect(request, "api.invalid:443"));
    }

    [Fact]
    public async Task Proxy_credential_is_sent_only_after_the_proxy_asks_for_it()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(
            Response.Create(407, "", "Proxy-Authenticate: Basic realm=\"x\""), Response.Good);
        using var client = TestClient.Create(WithCredential(proxy));

        await client.GetRecoveryCodesAsync();

        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + Canary.ProxyPassword));
        Assert.Equal([null, basic], proxy.Requests.Select(request => request.Header("Proxy-Authorization")));
    }

    [Theory]
    [InlineData("")]
    // .NET decodes the challenge, and throws a FormatException.
    [InlineData("HTTP/1.1 407 \r\nProxy-Authenticate: Negotiate !!!\r\nContent-Length: 0\r\n\r\n")]
    public async Task Failure_with_a_proxy_credential_names_the_proxy(string response)
    {
        await using LoopbackServer proxy = LoopbackServer.Closing(response);
        using var client = TestClient.Create(WithCredential(proxy));

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Contains($"through the proxy {proxy.BaseUrl.Authority}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_with_a_proxy_credential_closes_its_own_connections_when_disposed()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Good);
        for (int i = 1; i <= 3; i++)
        {
            MetalOtpClient client = TestClient.Create(WithCredential(proxy));
            await client.GetRecoveryCodesAsync();
            await client.GetRecoveryCodesAsync();
            client.Dispose();

            Assert.Equal(i, proxy.ConnectionCount);
            await Condition.IsTrueAsync(() => proxy.OpenConnectionCount == 0);
            // Keeps the client until here, so that the garbage collector does not close the connection.
            GC.KeepAlive(client);
        }
    }

    private static MetalOtpClientOptions Through(LoopbackServer proxy) =>
        new()
        {
            BaseUrl = new Uri("http://localhost:8180/"),
            Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
            RetryInterval = TimeSpan.Zero,
        };

    private static MetalOtpClientOptions WithCredential(LoopbackServer proxy) =>
        Through(proxy) with { ProxyCredential = new NetworkCredential("user", Canary.ProxyPassword) };

    private static void AssertIsConnect(RecordedRequest request, string authority)
    {
        Assert.Equal($"CONNECT {authority} HTTP/1.1", request.RequestLine);
        Assert.All(request.HeaderLines, line => Assert.DoesNotContain(Canary.Mark, line, StringComparison.OrdinalIgnoreCase));
    }
}
