using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Authentication;
using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Tests;

/// <summary>HttpPlatform of the netstandard2.0 build. EquinixOtp.Client.Tests tests that of the net8.0 build.</summary>
public class HttpPlatformTests
{
    public static TheoryData<WebExceptionStatus> Statuses => [.. Enum.GetValues<WebExceptionStatus>()];

    [Fact]
    public void Build_under_test_is_the_one_for_Windows_PowerShell() =>
        Assert.Equal(
            ".NETStandard,Version=v2.0",
            typeof(MetalOtpClient).Assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName);

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Status_of_NET_Framework_determines_how_far_the_request_got(WebExceptionStatus status)
    {
        TransportStage expected = status switch
        {
            WebExceptionStatus.NameResolutionFailure => TransportStage.NotConnected,
            WebExceptionStatus.ProxyNameResolutionFailure => TransportStage.NotConnected,
            WebExceptionStatus.ConnectFailure => TransportStage.NotConnected,
            WebExceptionStatus.TrustFailure => TransportStage.Connected,
            WebExceptionStatus.SecureChannelFailure => TransportStage.Connected,
            WebExceptionStatus.ProtocolError => TransportStage.Connected,
            // The request may have been sent.
            _ => TransportStage.Sent,
        };

        Assert.Equal(expected, HttpPlatform.Describe(new HttpRequestException("canary", new WebException("canary", status))).Stage);
        Assert.Equal(expected, HttpPlatform.Describe(new IOException("canary", new WebException("canary", status))).Stage);
    }

    [Theory]
    [InlineData(403, nameof(TransportStage.Refused))]
    [InlineData(407, nameof(TransportStage.Refused))]
    [InlineData(502, nameof(TransportStage.Connected))]
    public async Task Refused_CONNECT_has_the_status_of_the_proxy(int status, string stage)
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Create(status, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""));
#pragma warning disable SYSLIB0014 // .NET Framework's class: no other creates the response that the exception holds.
        HttpWebRequest request = WebRequest.CreateHttp(server.BaseUrl);
#pragma warning restore SYSLIB0014
        request.Proxy = null;
        WebException refusal = await Assert.ThrowsAsync<WebException>(request.GetResponseAsync);
        Assert.Equal(WebExceptionStatus.ProtocolError, refusal.Status);

        TransportException e = HttpPlatform.Describe(new HttpRequestException("canary", refusal));

        Assert.Equal(stage, e.Stage.ToString());
        Assert.Contains($"HTTP {status}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_certificate_ends_before_the_request() =>
        Assert.Equal(
            TransportStage.Refused,
            HttpPlatform.Describe(new HttpRequestException("canary", new WebException(
                "canary", new AuthenticationException("x"), WebExceptionStatus.TrustFailure, response: null))).Stage);

    [Fact]
    public void Error_without_a_status_may_have_sent_the_request()
    {
        Assert.Equal(TransportStage.Sent, HttpPlatform.Describe(new IOException("canary")).Stage);
        Assert.Equal(
            TransportStage.Sent,
            HttpPlatform.Describe(new HttpRequestException("canary", new SocketException((int)SocketError.ConnectionReset))).Stage);
    }

    // Thrown by the stream of an aborted HttpWebRequest.
    [Fact]
    public async Task WebException_of_a_read_is_a_failure_of_the_connection()
    {
        using var body = new AbortedStream();

        await Assert.ThrowsAsync<IOException>(
            () => HttpPlatform.ReadAsync(body, new byte[1], offset: 0, CancellationToken.None).AsTask());
    }

    [Fact]
    public void Text_of_NET_Framework_is_not_kept()
    {
        foreach (WebExceptionStatus status in Enum.GetValues<WebExceptionStatus>())
        {
            TransportException e = HttpPlatform.Describe(new HttpRequestException(
                Canary.Token, new WebException(Canary.Otp, new SocketException((int)SocketError.ConnectionReset), status, response: null)));

            Assert.Empty(new SecretHunt().Find(e, e.ToString()));
        }
    }

    private sealed class AbortedStream : MemoryStream
    {
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromException<int>(new WebException("canary", WebExceptionStatus.RequestCanceled));
    }
}
