using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Client.Tests;

/// <summary>A SOCKS5 proxy (RFC 1928) as the system's setting. There is no parameter for one.</summary>
public class SocksTests
{
    private static int s_hostCount;

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task Request_goes_through_the_proxy(Operation operation)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The certificate is trusted on Linux alone.");
        var targets = new ConcurrentQueue<string>();
        var address = IPAddress.Parse("192.0.2.1");
        await using var proxy = new LoopbackServer(async connection =>
        {
            targets.Enqueue(await AcceptAsync(connection));
            await ReplyAsync(connection, code: 0);
            await connection.AuthenticateAsync(Certificates.Create(TlsTests.Authority, address: address));
            await connection.RespondToAllAsync(_ => Response.Good);
        });
        using MetalOtpClient client = Create(proxy.Port, out string server, $"{address}:{Interlocked.Increment(ref s_hostCount)}");

        await operation.RunAsync(client, kind: null);

        Assert.Equal([server], targets);
        Assert.Single(proxy.Requests);
    }

    public static TheoryData<string> Refusals =>
    [
        "no method", "reply 1", "reply 2", "reply 3", "reply 4", "reply 5", "reply 6", "reply 7", "reply 8", "reply 255",
        "closed", "closed after the greeting", "closed after the request", "reset after the request", "another protocol", "another version",
    ];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_of_the_proxy_names_it_and_the_API_and_has_no_effect(string refusal)
    {
        foreach (Operation operation in new[] { Operation.GetRecoveryCodes, Operation.ResetRecoveryCodes, Operation.Verify })
        {
            await using var proxy = new LoopbackServer(connection => RefuseAsync(connection, refusal));
            var observer = new RecordingObserver();
            using MetalOtpClient client = Create(proxy.Port, out string server);

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

            Assert.False(e.MayHaveTakenEffect);
            Assert.Null(e.StatusCode);
            Assert.Contains($"{server} through the proxy 127.0.0.1:{proxy.Port}", e.Message, StringComparison.Ordinal);
            AssertIsWhole(e.Message);
            Assert.Equal(operation.IsGet() ? 3 : 1, observer.Reports.Count);
            Assert.Empty(new SecretHunt().Find(e, e.ToString(), observer.Reports));
        }
    }

    [Theory]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    public async Task Proxy_that_refuses_connections_is_named_and_tried_again(Operation operation)
    {
        using Socket unused = LoopbackServer.ReservePort();
        int port = ((IPEndPoint)unused.LocalEndPoint!).Port;
        var observer = new RecordingObserver();
        using MetalOtpClient client = Create(port, out string server);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.False(e.MayHaveTakenEffect);
        Assert.Contains($"the proxy 127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server, e.Message, StringComparison.Ordinal);
        AssertIsWhole(e.Message);
        Assert.Equal(3, observer.Reports.Count);
    }

    [Fact]
    public async Task Tunnel_that_breaks_in_the_TLS_handshake_has_no_effect_and_is_one_attempt_of_a_POST()
    {
        await using var proxy = new LoopbackServer(async connection =>
        {
            await AcceptAsync(connection);
            await ReplyAsync(connection, code: 0);
            await connection.ReadByteAsync();
        });
        var observer = new RecordingObserver();
        using MetalOtpClient client = Create(proxy.Port, out _);

        MetalOtpException e = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.False(e.MayHaveTakenEffect);
        Assert.Single(observer.Reports);
    }

    // A client of a server that only the SOCKS proxy leads to.
    private static MetalOtpClient Create(int proxyPort, out string server, string? authority = null)
    {
        server = authority ?? $"h{Interlocked.Increment(ref s_hostCount)}.invalid:443";
        var url = new Uri($"https://{server}/metal/v1");
        TestSystemProxy.Set(url, new Uri($"socks5://127.0.0.1:{proxyPort}"));
        return TestClient.Create(new() { BaseUrl = url, MaxRetries = 2, RetryInterval = TimeSpan.Zero });
    }

    private static async Task RefuseAsync(LoopbackConnection connection, string refusal)
    {
        switch (refusal)
        {
            case "closed":
                break;
            case "closed after the greeting":
                await connection.ReadByteAsync();
                break;
            case "no method":
                await GreetAsync(connection, version: 5, method: 0xFF);
                await connection.ClientClosesAsync();
                break;
            case "another version":
                await GreetAsync(connection, version: 4, method: 0);
                break;
            case "another protocol":
                await connection.ReadByteAsync();
                await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
                break;
            case "closed after the request":
                await AcceptAsync(connection);
                break;
            case "reset after the request":
                await AcceptAsync(connection);
                connection.Reset();
                break;
            default:
                await AcceptAsync(connection);
                await ReplyAsync(connection, byte.Parse(refusal.Split(' ')[1], CultureInfo.InvariantCulture));
                await connection.ClientClosesAsync();
                break;
        }
    }

    private static async Task GreetAsync(LoopbackConnection connection, byte version, byte method)
    {
        Assert.Equal(5, await connection.ReadByteAsync());
        await ReadAsync(connection, await connection.ReadByteAsync());
        await connection.WriteAsync([version, method]);
    }

    // Reads a CONNECT and returns its host and port.
    private static async Task<string> AcceptAsync(LoopbackConnection connection)
    {
        await GreetAsync(connection, version: 5, method: 0);
        byte[] head = await ReadAsync(connection, 4);
        string host = head[3] switch
        {
            1 => new IPAddress(await ReadAsync(connection, 4)).ToString(),
            _ => Encoding.ASCII.GetString(await ReadAsync(connection, await connection.ReadByteAsync())),
        };
        byte[] port = await ReadAsync(connection, 2);
        return $"{host}:{(port[0] << 8) | port[1]}";
    }

    private static Task ReplyAsync(LoopbackConnection connection, byte code) => connection.WriteAsync([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);

    private static async Task<byte[]> ReadAsync(LoopbackConnection connection, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)await connection.ReadByteAsync();
        }

        return bytes;
    }

    // Nothing is missing between two words or in brackets.
    private static void AssertIsWhole(string message)
    {
        Assert.DoesNotContain("  ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("()", message, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"HTTP\D", message);
    }
}
