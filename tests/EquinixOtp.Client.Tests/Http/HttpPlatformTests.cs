using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

/// <summary>The net8.0 build's platform file. EquinixOtp.Client.Desktop.Tests has the netstandard2.0 build's.</summary>
public class HttpPlatformTests
{
    public static TheoryData<HttpRequestError> Errors => [.. Enum.GetValues<HttpRequestError>()];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Each_error_of_NET_says_how_far_the_request_got(HttpRequestError error)
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

    [Theory]
    [InlineData(HttpStatusCode.ProxyAuthenticationRequired, nameof(TransportStage.Refused))]
    [InlineData(HttpStatusCode.BadGateway, nameof(TransportStage.Connected))]
    public void Refused_tunnel_has_the_status_of_the_proxy(HttpStatusCode status, string stage)
    {
        TransportException e = HttpPlatform.Describe(new HttpRequestException(HttpRequestError.ProxyTunnelError, "canary", null, status));

        Assert.Equal(stage, e.Stage.ToString());
        Assert.Contains($"HTTP {(int)status}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_certificate_ends_before_the_request() =>
        Assert.Equal(
            TransportStage.Refused,
            HttpPlatform.Describe(
                new HttpRequestException(HttpRequestError.SecureConnectionError, "canary", new AuthenticationException("x"))).Stage);

    [Fact]
    public void Error_without_a_kind_may_have_sent_the_request()
    {
        Assert.Equal(TransportStage.Sent, HttpPlatform.Describe(new IOException("canary")).Stage);
        Assert.Equal(TransportStage.Sent, HttpPlatform.Describe(new HttpRequestException("canary")).Stage);
    }

    [Fact]
    public void Text_of_NET_is_not_kept()
    {
        foreach (HttpRequestError error in Enum.GetValues<HttpRequestError>())
        {
            var inner = new IOException(Canary.Otp, new SocketException((int)SocketError.ConnectionReset));
            TransportException e = HttpPlatform.Describe(new HttpRequestException(error, Canary.Token, inner));

            Assert.Empty(new SecretHunt().Find(e, e.ToString()));
        }
    }
}
