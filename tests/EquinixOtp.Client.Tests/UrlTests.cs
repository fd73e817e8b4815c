using System.Net;

namespace EquinixOtp.Client.Tests;

public class UrlTests
{
    [Theory]
    [InlineData("https://api.equinix.com/metal/v1")]
    [InlineData("https://api.equinix.com:8443/metal/v1/")]
    [InlineData("HTTPS://API.EQUINIX.COM")]
    [InlineData("https://192.168.0.1/")]
    [InlineData("https://134744072/")]
    [InlineData("https://[2001:db8::1]:8443/v1")]
    [InlineData("https://bücher.example/v1")]
    [InlineData("https://xn--bcher-kva.example/v1")]
    [InlineData("http://localhost")]
    [InlineData("http://LOCALHOST:8180/metal/v1")]
    [InlineData("http://127.0.0.1:8180/metal/v1")]
    [InlineData("http://127.255.255.254")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://[::1]:8180/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    public void These_are_base_URLs(string url)
    {
        using var client = TestClient.Create(new() { BaseUrl = new Uri(url) });
    }

    [Theory]
    [InlineData("/metal/v1")]
    [InlineData("metal")]
    [InlineData("")]
    [InlineData("localhost:8180")]
    [InlineData("ftp://localhost/")]
    [InlineData("ws://localhost/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https:/metal/v1")]
    [InlineData("https:metal/v1")]
    [InlineData("mailto:a@b.c")]
    [InlineData("https://user@api.equinix.com/")]
    [InlineData("https://user:password@api.equinix.com/")]
    [InlineData("https://@api.equinix.com/")]
    [InlineData("https://:@api.equinix.com/")]
    [InlineData("https://localhost@api.equinix.com/")]
    [InlineData("https://api.equinix.com/?")]
    [InlineData("https://api.equinix.com/?a=b")]
    [InlineData("https://api.equinix.com/#")]
    [InlineData("https://api.equinix.com/#a")]
    [InlineData("https://api.equinix.com/metal@v1")]
    public void These_are_refused(string url) => AssertRefused(MetalOtpErrorKind.InvalidApiUrl, new Uri(url, UriKind.RelativeOrAbsolute));

    [Theory]
    [InlineData("http://api.equinix.com/")]
    [InlineData("http://192.168.0.1/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://128.0.0.1/")]
    [InlineData("http://134744072/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[::2]/")]
    [InlineData("http://[::ffff:192.168.0.1]/")]
    [InlineData("http://[2001:db8::1]/")]
    [InlineData("http://localhost./")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://localhost.example/")]
    [InlineData("http://api.localhost/")]
    [InlineData("http://127.0.0.1.example/")]
    [InlineData("http://127.0.0.1.nip.io/")]
    [InlineData("http://ⓛocalhost.example/")]
    public void Plain_http_is_for_loopback_alone(string url) => AssertRefused(MetalOtpErrorKind.InsecureApiUrl, new Uri(url));

    [Fact]
    public void A_refused_URL_is_not_quoted() =>
        Assert.DoesNotContain(
            Canary.Mark,
            AssertRefused(MetalOtpErrorKind.InvalidApiUrl, new Uri($"https://{Canary.ProxyPassword}@localhost/")).ToString(),
            StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("///", "")]
    [InlineData("/metal/v1", "/metal/v1")]
    [InlineData("/metal/v1/", "/metal/v1")]
    [InlineData("/metal/v1//", "/metal/v1")]
    [InlineData("/metal//v1", "/metal//v1")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("/a b", "/a%20b")]
    [InlineData("/100%25", "/100%25")]
    [InlineData("/a%2Fb", "/a%2Fb")]
    [InlineData("/é", "/%C3%A9")]
    [InlineData("/a/../b/./c", "/b/c")]
    [InlineData("/a;b=c", "/a;b=c")]
    public async Task Its_path_is_the_prefix_of_every_call(string path, string prefix)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://127.0.0.1:{server.Port}{path}") });

        await client.GetRecoveryCodesAsync();
        await client.VerifyAsync("12/34");

        Assert.Equal(
            [prefix + "/user/otp/recovery-codes", prefix + "/user/otp/verify/12%2F34"],
            server.Requests.Select(request => request.Target));
    }

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("LOCALHOST", "localhost")]
    [InlineData("loopback", "localhost")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.1", "127.0.0.1")]
    [InlineData("2130706433", "127.0.0.1")]
    [InlineData("0x7f.0.0.1", "127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]")]
    public async Task Each_way_of_writing_loopback_reaches_it(string host, string sent)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://{host}:{server.Port}/") });

        await client.GetRecoveryCodesAsync();

        Assert.Equal($"{sent}:{server.Port}", Assert.Single(server.Requests).Header("Host"));
    }

    [Fact]
    public void The_public_API_is_the_default() =>
        Assert.Equal("https://api.equinix.com/metal/v1", new MetalOtpClientOptions().BaseUrl.AbsoluteUri);

    [Theory]
    [InlineData("ftp://localhost/", false, false)]
    [InlineData("proxy", false, false)]
    [InlineData("http://user:password@localhost/", false, false)]
    [InlineData("http://localhost/?", false, false)]
    [InlineData("http://localhost/#", false, false)]
    [InlineData("socks5://localhost/", false, false)]
    [InlineData("http://localhost/", false, true)]
    [InlineData(null, true, false)]
    [InlineData(null, true, true)]
    public void Proxy_settings_that_make_no_sense_are_refused(string? proxy, bool credential, bool noProxy) =>
        Assert.Equal(MetalOtpErrorKind.InvalidProxy, Assert.Throws<MetalOtpException>(() => TestClient.Create(new()
        {
            Proxy = proxy is null ? null : new Uri(proxy, UriKind.RelativeOrAbsolute),
            ProxyCredential = credential ? new NetworkCredential("user", Canary.ProxyPassword) : null,
            NoProxy = noProxy,
        })).Kind);

    [Theory]
    [InlineData("http://proxy.example:3128")]
    [InlineData("https://proxy.example:3128")]
    public void A_plain_http_URL_is_not_sent_to_a_proxy_elsewhere(string proxy) =>
        Assert.Equal(MetalOtpErrorKind.InsecureApiUrl, Assert.Throws<MetalOtpException>(() => TestClient.Create(new()
        {
            BaseUrl = new Uri("http://localhost/"),
            Proxy = new Uri(proxy),
        })).Kind);

    private static MetalOtpException AssertRefused(MetalOtpErrorKind kind, Uri url)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => TestClient.Create(new() { BaseUrl = url }));
        Assert.Equal(kind, e.Kind);
        return e;
    }

    [Fact]
    public void Times_and_numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { MaxRetries = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { RetryInterval = TimeSpan.FromTicks(-1) }));
    }
}
