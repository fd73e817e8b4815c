using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EquinixOtp.Client.Tests;

/// <summary>The server receives a POST at most once, wherever the connection fails, unless it responds with 429.</summary>
public class NeverTwiceTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(40, false)]
    [InlineData(40, true)]
    [InlineData(150, false)]
    [InlineData(150, true)]
    public async Task POST_is_not_resent_when_the_connection_ends_within_the_request(int bytes, bool isReset)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            for (int i = 0; i < bytes; i++)
            {
                Assert.NotEqual(-1, await connection.ReadByteAsync());
            }

            if (isReset)
            {
                connection.Reset();
            }
        });
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Equal((1, true), (server.ConnectionCount, e.MayHaveTakenEffect));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task POST_is_not_resent_when_its_kept_connection_ends(bool isReset)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Response.Good);
            await connection.ReadRequestAsync();
            if (isReset)
            {
                connection.Reset();
            }
        });
        using MetalOtpClient client = TestClient.For(server);
        await client.ResetRecoveryCodesAsync();

        MetalOtpException e = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.True(e.MayHaveTakenEffect);
        Assert.Equal((2, 1), (server.Requests.Count, server.ConnectionCount));
    }

    [Fact]
    public async Task POST_opens_a_connection_when_its_kept_one_is_closed()
    {
        await using LoopbackServer server = LoopbackServer.Closing(Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        for (int i = 1; i <= 3; i++)
        {
            await client.ResetRecoveryCodesAsync();
            await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);

            Assert.Equal((i, i), (server.Requests.Count, server.ConnectionCount));
        }
    }

    [Fact]
    public async Task POST_that_races_with_the_closing_of_its_connection_is_received_at_most_once()
    {
        var received = new ConcurrentDictionary<string, int>();
        await using var server = new LoopbackServer(async connection =>
        {
            for (int i = 0; i < 2 && await connection.ReadRequestAsync() is { } request; i++)
            {
                received.AddOrUpdate(request.Header("X-Auth-Token")!, 1, (_, count) => count + 1);
                await connection.WriteAsync(Response.Good);
            }
        });
        using MetalOtpClient client = TestClient.For(server);
        int succeeded = 0;
        for (int i = 0; i < 500; i++)
        {
            string token = $"token{i}";
            Exception? thrown = await Record.ExceptionAsync(() => client.As(token).ResetRecoveryCodesAsync());

            Assert.True(thrown is null or MetalOtpException { Kind: MetalOtpErrorKind.ConnectionFailed }, thrown?.ToString());
            Assert.InRange(received.GetValueOrDefault(token), thrown is null ? 1 : 0, 1);
            succeeded += thrown is null ? 1 : 0;
        }

        Assert.True(succeeded > 250, $"{succeeded} calls succeeded");
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Fact]
    public async Task POST_is_sent_once_when_a_connection_opens_at_the_second_attempt()
    {
        Socket unused = LoopbackServer.ReservePort();
        int port = ((IPEndPoint)unused.LocalEndPoint!).Port;
        LoopbackServer? server = null;
        var observer = new RecordingObserver
        {
            Waiting = _ =>
            {
                unused.Dispose();
                server ??= new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), port: port);
            },
        };
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://127.0.0.1:{port}/"), RetryInterval = TimeSpan.Zero });

        await Operation.SendSms.RunAsync(client, kind: null, observer);

        await using LoopbackServer opened = server!;
        Assert.Single(opened.Requests);
        Assert.Equal([MetalOtpErrorKind.ConnectionFailed], observer.Waits.Select(wait => wait.Reason));
    }
#endif
}
