using System.Net;
using System.Net.Sockets;

namespace EquinixOtp.Client.Tests;

/// <summary>A SOCKS5 proxy (RFC 1928) in the system's setting. The options accept none.</summary>
public class SocksTests
{
    private static readonly byte[] s_noAuthentication = [5, 0];

    private static int s_hostCount;

    [Fact]
    public async Task Request_is_sent_through_the_proxy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The certificate is trusted on Linux only.");
        byte[] connect = [];
        await using var proxy = new LoopbackServer(async connection =>
        {
            await ReadAsync(connection, 3);
            await connection.WriteAsync(s_noAuthentication);
            connect = await ReadAsync(connection, 10);
            await connection.WriteAsync(Reply(0));
            await connection.AuthenticateAsync(Certificates.Create(TlsTests.Authority, address: IPAddress.Parse("192.0.2.1")));
            await connection.RespondToAllAsync(_ => Response.Good);
        });
        using MetalOtpClient client = Create(proxy.Port, "192.0.2.1:443");

        await Operation.SendSms.RunAsync(client, kind: null);

        Assert.Equal([5, 1, 0, 1, 192, 0, 2, 1, 443 >> 8, 443 & 0xFF], connect);
        Assert.Single(proxy.Requests);
    }

    // The proxy's responses to the greeting and to CONNECT; null closes the connection.
    public static TheoryData<byte[]?, byte[]?> Refusals => new()
    {
        { null, null },
        { [5, 0xFF], null },
        { [4, 0], null },
        { "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), null },
        { s_noAuthentication, null },
        { s_noAuthentication, Reply(1) },
        { s_noAuthentication, Reply(2) },
        { s_noAuthentication, Reply(4) },
        { s_noAuthentication, Reply(5) },
        { s_noAuthentication, Reply(8) },
        { s_noAuthentication, Reply(255) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_of_the_proxy_names_it_and_the_API_and_has_no_effect(byte[]? toGreeting, byte[]? toConnect)
    {
        foreach (Operation operation in new[] { Operation.GetRecoveryCodes, Operation.Verify })
        {
            await using var proxy = new LoopbackServer(async connection =>
            {
                await ReadAsync(connection, 3);
                if (toGreeting is not null)
                {
                    await connection.WriteAsync(toGreeting);
                    await connection.ReadByteAsync();
                    await connection.WriteAsync(toConnect ?? []);
                }
            });
            string server = $"h{Interlocked.Increment(ref s_hostCount)}.invalid:443";
            var observer = new RecordingObserver();
            using MetalOtpClient client = Create(proxy.Port, server);

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

            Assert.Equal((null, false), (e.StatusCode, e.MayHaveTakenEffect));
            Assert.Contains($"{server} through the proxy 127.0.0.1:{proxy.Port}: ", e.Message, StringComparison.Ordinal);
            Assert.Equal(operation.IsGet() ? 3 : 1, observer.Reports.Count);
            Assert.Empty(new SecretHunt().Find(e, e.ToString(), observer.Reports));
        }
    }

    [Fact]
    public async Task Proxy_that_refuses_connections_is_named_and_retried()
    {
        using Socket unused = LoopbackServer.ReservePort();
        var observer = new RecordingObserver();
        using MetalOtpClient client = Create(((IPEndPoint)unused.LocalEndPoint!).Port, "refused.invalid:443");

        MetalOtpException e = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.False(e.MayHaveTakenEffect);
        Assert.Contains($" the proxy {unused.LocalEndPoint}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused.invalid", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, observer.Reports.Count);
    }

    // Creates a client of a server that only the proxy reaches.
    private static MetalOtpClient Create(int proxyPort, string server)
    {
        var url = new Uri($"https://{server}/metal/v1");
        TestSystemProxy.Set(url, new Uri($"socks5://127.0.0.1:{proxyPort}"));
        return TestClient.Create(new() { BaseUrl = url, MaxRetries = 2, RetryInterval = TimeSpan.Zero });
    }

    private static byte[] Reply(byte code) => [5, code, 0, 1, 0, 0, 0, 0, 0, 0];

    private static async Task<byte[]> ReadAsync(LoopbackConnection connection, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)await connection.ReadByteAsync();
        }

        return bytes;
    }
}
