using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

/// <summary>HttpPlatform of the net8.0 build. EquinixOtp.Client.Desktop.Tests tests that of the netstandard2.0 build.</summary>
public class HttpPlatformTests
{
    public static TheoryData<HttpRequestError> Errors => [.. Enum.GetValues<HttpRequestError>()];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Error_of_NET_determines_how_far_the_request_got(HttpRequestError error)
    {
        TransportStage expected = error switch
        {
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => TransportStage.NotConnected,
            HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError => TransportStage.Connected,
            // Also for an error that a later .NET adds: the request may have been sent.
            _ => TransportStage.Sent,
        };

        Assert.Equal(expected, HttpPlatform.Describe(new HttpRequestException(error, "canary")).Stage);
    }

    [Fact]
    public void Error_without_a_kind_may_have_sent_the_request()
    {
        Assert.Equal(TransportStage.Sent, HttpPlatform.Describe(new IOException("canary")).Stage);
        Assert.Equal(TransportStage.Sent, HttpPlatform.Describe(new HttpRequestException("canary")).Stage);
    }

    [Fact]
    public void Connection_is_replaced_after_five_minutes()
    {
        using var handler = (SocketsHttpHandler)HttpPlatform.CreateHandler(proxy: null, useProxy: false);

        Assert.Equal(TimeSpan.FromMinutes(5), handler.PooledConnectionLifetime);
    }
}
