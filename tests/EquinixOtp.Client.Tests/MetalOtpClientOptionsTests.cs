using System.Net;

namespace EquinixOtp.Client.Tests;

public class MetalOtpClientOptionsTests
{
    [Theory]
    [InlineData("https://api.equinix.com/metal/v1")]
    [InlineData("https://api.equinix.com:8443/metal/v1/")]
    [InlineData("HTTPS://API.EQUINIX.COM")]
    [InlineData("https://192.168.0.1/")]
    [InlineData("https://[2001:db8::1]:8443/v1")]
    [InlineData("https://bücher.example/v1")]
    [InlineData("http://localhost")]
    [InlineData("http://LOCALHOST:8180/metal/v1")]
    [InlineData("http://127.0.0.1:8180/metal/v1")]
    [InlineData("http://127.255.255.254")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://[::1]:8180/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    public void Https_URL_and_plain_http_URL_of_loopback_are_accepted(string url) =>
        TestClient.Create(new() { BaseUrl = new Uri(url) }).Dispose();

    [Theory]
    [InlineData("/metal/v1")]
    [InlineData("")]
    [InlineData("localhost:8180")]
    [InlineData("ftp://localhost/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https:/metal/v1")]
    [InlineData("https:metal/v1")]
    [InlineData("https://canary@api.equinix.com/")]
    [InlineData("https://user:canary@api.equinix.com/")]
    [InlineData("https://@api.equinix.com/")]
    [InlineData("https://:@api.equinix.com/")]
    [InlineData("https://localhost@api.equinix.com/")]
    [InlineData("https://api.equinix.com/?")]
    [InlineData("https://api.equinix.com/?canary=b")]
    [InlineData("https://api.equinix.com/#")]
    [InlineData("https://api.equinix.com/#canary")]
    [InlineData("https://api.equinix.com/metal@v1")]
    public void Invalid_base_URL_is_rejected_and_not_quoted(string url)
    {
        MetalOtpException e = AssertRejected(MetalOtpErrorKind.InvalidApiUrl, new() { BaseUrl = new Uri(url, UriKind.RelativeOrAbsolute) });

        Assert.DoesNotContain(Canary.Mark, e.ToString(), StringComparison.Ordinal);
    }

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
    [InlineData("http://api.localhost/")]
    [InlineData("http://127.0.0.1.example/")]
    [InlineData("http://ⓛocalhost.example/")]
    public void Plain_http_URL_of_another_host_is_rejected(string url) =>
        AssertRejected(MetalOtpErrorKind.InsecureApiUrl, new() { BaseUrl = new Uri(url) });

    [Theory]
    [InlineData("http://proxy.example:3128")]
    [InlineData("https://proxy.example:3128")]
    public void Plain_http_URL_through_a_proxy_on_another_host_is_rejected(string proxy) =>
        AssertRejected(MetalOtpErrorKind.InsecureApiUrl, new() { BaseUrl = new Uri("http://localhost/"), Proxy = new Uri(proxy) });

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
    public void Invalid_or_contradictory_proxy_settings_are_rejected(string? proxy, bool hasCredential, bool noProxy) =>
        AssertRejected(MetalOtpErrorKind.InvalidProxy, new()
        {
            Proxy = proxy is null ? null : new Uri(proxy, UriKind.RelativeOrAbsolute),
            ProxyCredential = hasCredential ? new NetworkCredential("user", Canary.ProxyPassword) : null,
            NoProxy = noProxy,
        });

    [Fact]
    public void Time_or_number_out_of_range_is_rejected()
    {
        TimeSpan tooLong = TimeSpan.FromDays(1) + TimeSpan.FromTicks(1);

        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { Timeout = tooLong }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { MaxRetries = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { RetryInterval = TimeSpan.FromTicks(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestClient.Create(new() { RetryInterval = tooLong }));
    }

    [Fact]
    public async Task Times_of_a_day_are_accepted()
    {
        var clock = new TestClock();
        var day = TimeSpan.FromDays(1);
        await using LoopbackServer server = LoopbackServer.Responding(503, "{}");
        using var client = TestClient.Create(
            new() { BaseUrl = server.BaseUrl, Timeout = day, RetryInterval = day, MaxRetries = 1 }, clock);

        await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ServerError, RecordingObserver.Skipping(clock));
    }

    [Fact]
    public void Default_base_URL_is_the_public_API() =>
        Assert.Equal("https://api.equinix.com/metal/v1", new MetalOtpClientOptions().BaseUrl.AbsoluteUri);

    [Fact]
    public void Default_timeout_is_30_seconds_with_3_retries_from_1_second()
    {
        var options = new MetalOtpClientOptions();

        Assert.Equal(TimeSpan.FromSeconds(30), options.Timeout);
        Assert.Equal(3, options.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(1), options.RetryInterval);
    }

    [Fact]
    public void Invalid_token_is_rejected()
    {
        var options = new MetalOtpClientOptions { Token = TestClient.Secure("a b") };

        Assert.Equal(MetalOtpErrorKind.InvalidToken, Assert.Throws<MetalOtpException>(() => new MetalOtpClient(options)).Kind);
    }

    private static MetalOtpException AssertRejected(MetalOtpErrorKind kind, MetalOtpClientOptions options)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => TestClient.Create(options));
        Assert.Equal(kind, e.Kind);
        return e;
    }
}
