using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

public class TransportExceptionTests
{
    private const string Server = "api.invalid:443";
    private static readonly Uri s_proxy = new("http://proxy.invalid:3128");

    [Theory]
    [InlineData(null, "Cannot connect to api.invalid:443")]
    [InlineData(SocketError.ConnectionRefused, "Connection refused by api.invalid:443")]
    [InlineData(SocketError.HostNotFound, "Cannot resolve the host name of api.invalid:443")]
    [InlineData(SocketError.NoData, "Cannot resolve the host name of api.invalid:443")]
    [InlineData(SocketError.TryAgain, "Cannot resolve the host name of api.invalid:443")]
    [InlineData(SocketError.NetworkUnreachable, "Cannot connect to api.invalid:443 (NetworkUnreachable)")]
    public void Connection_that_never_opened_names_the_server_or_else_the_proxy(SocketError? error, string text)
    {
        TransportException e = TransportException.NotConnected(error);

        Assert.Equal(TransportStage.NotConnected, e.Stage);
        Assert.Equal(text, e.Describe(Server));
        e.Proxy = s_proxy;
        Assert.Equal(text.Replace(Server, "the proxy proxy.invalid:3128", StringComparison.Ordinal), e.Describe(Server));
    }

    [Theory]
    [InlineData(null, "The TLS handshake ended early with api.invalid:443")]
    [InlineData(SocketError.ConnectionReset, "The TLS handshake ended early with api.invalid:443 (ConnectionReset)")]
    public void Handshake_that_ended_early_may_succeed_later(SocketError? error, string text)
    {
        TransportException e = TransportException.TlsFailed(new HttpRequestException("x", new IOException("y")), error);

        Assert.Equal(TransportStage.Connected, e.Stage);
        Assert.Equal(text, e.Describe(Server));
    }

    [Fact]
    public void Rejected_certificate_is_final_and_says_why()
    {
        var error = new HttpRequestException("x", new AuthenticationException("The remote certificate is invalid."));
        TransportException e = TransportException.TlsFailed(error, socketError: null);

        Assert.Equal(TransportStage.Refused, e.Stage);
        Assert.Equal("No secure connection to api.invalid:443: The remote certificate is invalid", e.Describe(Server));
    }

    [Theory]
    [InlineData(null, nameof(TransportStage.Connected))]
    [InlineData(302, nameof(TransportStage.Refused))]
    [InlineData(403, nameof(TransportStage.Refused))]
    [InlineData(407, nameof(TransportStage.Refused))]
    [InlineData(499, nameof(TransportStage.Refused))]
    [InlineData(500, nameof(TransportStage.Connected))]
    [InlineData(503, nameof(TransportStage.Connected))]
    public void Refusal_of_a_proxy_names_both_and_is_final_unless_the_proxy_failed(int? status, string stage)
    {
        TransportException e = TransportException.ProxyRefused((HttpStatusCode?)status);
        e.Proxy = s_proxy;

        Assert.Equal(stage, e.Stage.ToString());
        Assert.StartsWith(
            "No connection to api.invalid:443 through the proxy proxy.invalid:3128: ", e.Describe(Server), StringComparison.Ordinal);
        Assert.Equal(status is not null, e.Describe(Server).Contains($"HTTP {status}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(SocketError.ConnectionReset, " (ConnectionReset)")]
    public void Lost_connection_may_have_carried_the_request(SocketError? error, string details)
    {
        TransportException e = TransportException.Lost(error);
        e.Proxy = s_proxy;

        Assert.Equal(TransportStage.Sent, e.Stage);
        Assert.EndsWith($"{Server} through the proxy proxy.invalid:3128{details}", e.Describe(Server), StringComparison.Ordinal);
    }
}
