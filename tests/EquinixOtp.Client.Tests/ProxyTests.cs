using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace EquinixOtp.Client.Tests;

public class ProxyTests
{
    // The environment's proxy is read once a process, so it is set before anything can ask for it.
    private static LoopbackServer? s_environmentProxy;

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

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task The_environments_proxy_never_sees_a_loopback_call(string host)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://{host}:{server.Port}/") });

        await client.GetRecoveryCodesAsync();

        Assert.Single(server.Requests);
        Assert.DoesNotContain(s_environmentProxy!.Requests, request => request.Target.Contains($":{server.Port}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_environments_proxy_is_used_for_other_hosts_and_is_told_the_host_alone()
    {
        using var client = TestClient.Create(new() { BaseUrl = new Uri("https://environment.invalid:8443/metal/v1"), MaxRetries = 0 });

        await Operation.Verify.RunAsync(client, MetalOtpErrorKind.ConnectionFailed);

        RecordedRequest request = Assert.Single(s_environmentProxy!.Requests, request => request.Target.Contains("environment.invalid", StringComparison.Ordinal));
        AssertIsConnect(request, "environment.invalid:8443");
    }

    [Fact]
    public async Task NoProxy_is_no_proxy()
    {
        // Not loopback to the client, and yet nowhere else.
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
    public async Task An_explicit_proxy_is_used_for_loopback_too()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl, Proxy = new Uri($"http://127.0.0.1:{proxy.Port}") });

        await client.GetRecoveryCodesAsync();

        Assert.Equal($"GET {server.BaseUrl}/user/otp/recovery-codes HTTP/1.1", Assert.Single(proxy.Requests).RequestLine);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task A_proxy_is_told_the_host_of_an_https_URL_alone()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Create(403, "no"));
        using var client = TestClient.Create(new()
        {
            BaseUrl = new Uri("https://api.invalid/metal/v1"),
            Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
            HostProduct = "PowerShell/7",
        });

        MetalOtpException e = (await Operation.Verify.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        AssertIsConnect(Assert.Single(proxy.Requests), "api.invalid:443");
        Assert.Null(e.StatusCode);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData(302, false)]
    [InlineData(403, false)]
    [InlineData(407, false)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    public async Task A_proxy_that_opens_no_tunnel_says_so_and_nothing_was_sent(int status, bool mayPass)
    {
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            await using LoopbackServer proxy = LoopbackServer.Responding(Response.Create(status, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""));
            using var client = TestClient.Create(new()
            {
                BaseUrl = new Uri("https://api.invalid/metal/v1"),
                Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
                MaxRetries = 2,
                RetryInterval = TimeSpan.Zero,
            });

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

            Assert.Contains($"HTTP {status}", e.Message, StringComparison.Ordinal);
            Assert.False(e.MayHaveTakenEffect);
            Assert.Equal(mayPass && operation.IsGet() ? 3 : 1, proxy.Requests.Count);
        }
    }
#endif

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0 proxy\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task A_tunnel_that_breaks_is_one_attempt_of_a_POST(string answer)
    {
        await using var proxy = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(answer);
        });
        using var client = TestClient.Create(new() { BaseUrl = new Uri("https://api.invalid/"), Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"), RetryInterval = TimeSpan.Zero });
        var observer = new RecordingObserver();

        await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer);

        Assert.Single(observer.Reports);
        // .NET repeats a CONNECT that gets no answer; the request itself is behind the tunnel.
        Assert.All(proxy.Requests, request => AssertIsConnect(request, "api.invalid:443"));
    }

    [Fact]
    public async Task A_proxys_credential_is_given_when_it_asks_and_not_before()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(
            Response.Create(407, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""), Response.Good);
        using var client = TestClient.Create(new()
        {
            BaseUrl = new Uri("http://localhost:8180/"),
            Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
            ProxyCredential = new NetworkCredential("user", Canary.ProxyPassword),
        });

        await client.GetRecoveryCodesAsync();

        string basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + Canary.ProxyPassword));
        Assert.Equal([null, basic], proxy.Requests.Select(request => request.Header("Proxy-Authorization")));
    }

    [Fact]
    public async Task A_proxy_that_wants_a_credential_and_gets_none_is_a_rejected_request()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(
            Response.Create(407, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""));
        using var client = TestClient.Create(new() { BaseUrl = new Uri("http://localhost:8180/"), Proxy = new Uri($"http://127.0.0.1:{proxy.Port}") });

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected);

        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task A_client_with_a_proxy_credential_shares_no_connection_and_closes_its_own()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Good);
        for (int i = 1; i <= 3; i++)
        {
            var client = TestClient.Create(new()
            {
                BaseUrl = new Uri("http://localhost:8180/"),
                Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
                ProxyCredential = new NetworkCredential("user", Canary.ProxyPassword),
            });
            await client.GetRecoveryCodesAsync();
            await client.GetRecoveryCodesAsync();
            client.Dispose();

            Assert.Equal(i, proxy.ConnectionCount);
            await Condition.IsTrueAsync(() => proxy.OpenConnectionCount == 0);
            // Not by the garbage collector, then.
            GC.KeepAlive(client);
        }
    }

    private static void AssertIsConnect(RecordedRequest request, string authority)
    {
        Assert.Equal($"CONNECT {authority} HTTP/1.1", request.RequestLine);
        Assert.All(request.HeaderLines, line => Assert.DoesNotContain(Canary.Mark, line, StringComparison.OrdinalIgnoreCase));
    }
}
