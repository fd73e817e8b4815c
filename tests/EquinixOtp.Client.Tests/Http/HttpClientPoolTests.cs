using System.Net;
using EquinixOtp.Client.Http;
using Flurl.Http;

namespace EquinixOtp.Client.Tests;

public class HttpClientPoolTests
{
    [Fact]
    public void Origins_share_one_client_for_each_proxy_setting()
    {
        MetalOtpClientOptions[] settings =
        [
            new(),
            new() { NoProxy = true },
            new() { Proxy = new Uri("http://127.0.0.1:3128") },
            new() { Proxy = new Uri("https://127.0.0.1:3128") },
            new() { Proxy = new Uri("http://127.0.0.1:3129") },
        ];

        HashSet<IFlurlClient> clients =
        [
            .. from port in Enumerable.Range(1, 100)
               from setting in settings
               select HttpClientPool.Get(setting with { BaseUrl = new Uri($"https://192.0.2.1:{port}/metal/v1") }),
        ];

        Assert.Equal(settings.Length, clients.Count);
    }

    [Fact]
    public void Client_leaves_the_time_limit_to_the_attempt()
    {
        IFlurlClient client = HttpClientPool.Get(new());

        Assert.Null(client.Settings.Timeout);
        Assert.Equal(Timeout.InfiniteTimeSpan, client.HttpClient.Timeout);
    }

    [Fact]
    public void Loopback_origin_uses_the_client_without_a_proxy() =>
        Assert.Same(
            HttpClientPool.Get(new() { NoProxy = true }),
            HttpClientPool.Get(new() { BaseUrl = new Uri("http://127.0.0.1:8180/") }));

    [Fact]
    public void Proxy_URL_is_compared_in_its_normal_form() =>
        Assert.Same(
            HttpClientPool.Get(new() { Proxy = new Uri("http://127.0.0.1:80") }),
            HttpClientPool.Get(new() { Proxy = new Uri("HTTP://127.0.0.1/") }));

    [Fact]
    public void Client_with_a_proxy_credential_is_not_in_the_pool()
    {
        var proxy = new Uri("http://127.0.0.1:3130");
        using IFlurlClient first = HttpClientPool.Create(proxy, new NetworkCredential("user", Canary.ProxyPassword));
        using IFlurlClient second = HttpClientPool.Create(proxy, new NetworkCredential("user", Canary.ProxyPassword));
        IFlurlClient pooled = HttpClientPool.Get(new() { Proxy = proxy });

        Assert.NotSame(first, second);
        Assert.NotSame(pooled, first);
        Assert.NotSame(pooled, second);
        Assert.Empty(new SecretHunt().Find(pooled));
        Assert.NotEmpty(new SecretHunt().Find(first));
    }
}
