using System.Collections.Concurrent;
using System.Net.Sockets;

namespace EquinixOtp.Client.Tests;

/// <summary>Wherever a POST's connection fails, the server has seen the POST at most once, unless it answered 429.</summary>
public class NeverTwiceTests
{
    public static TheoryData<Operation, int> PostsAndPoints()
    {
        var data = new TheoryData<Operation, int>();
        foreach (Operation operation in new[] { Operation.Verify, Operation.VerifyTotp, Operation.ResetRecoveryCodes, Operation.SendSms })
        {
            foreach (int bytes in new[] { 1, 4, 40, 100, 150 })
            {
                data.Add(operation, bytes);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(PostsAndPoints))]
    public async Task A_POST_whose_connection_ends_while_it_is_sent_is_not_sent_again(Operation operation, int bytes)
    {
        foreach (bool reset in new[] { false, true })
        {
            int begun = 0;
            await using var server = new LoopbackServer(async connection =>
            {
                for (int i = 0; i < bytes && await connection.ReadByteAsync() >= 0; i++)
                {
                    if (i == 0)
                    {
                        Interlocked.Increment(ref begun);
                    }
                }

                if (reset)
                {
                    connection.Reset();
                }
            });
            using MetalOtpClient client = TestClient.For(server);

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

            Assert.Equal(1, begun);
            Assert.Equal(1, server.ConnectionCount);
            Assert.True(e.MayHaveTakenEffect);
        }
    }

    [Theory]
    [InlineData(Operation.Verify, false)]
    [InlineData(Operation.ResetRecoveryCodes, false)]
    [InlineData(Operation.SendSms, false)]
    [InlineData(Operation.Verify, true)]
    [InlineData(Operation.ResetRecoveryCodes, true)]
    [InlineData(Operation.SendSms, true)]
    public async Task A_POST_on_a_kept_connection_that_then_ends_is_not_sent_again(Operation operation, bool reset)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Response.Good);
            await connection.ReadRequestAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        using MetalOtpClient client = TestClient.For(server);
        await operation.RunAsync(client, kind: null);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.True(e.MayHaveTakenEffect);
        Assert.Equal((2, 1), (server.Requests.Count, server.ConnectionCount));
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_POST_that_finds_its_kept_connection_closed_opens_another(Operation operation)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Response.Good);
        });
        using MetalOtpClient client = TestClient.For(server);
        for (int i = 1; i <= 3; i++)
        {
            await operation.RunAsync(client, kind: null);
            await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);

            Assert.Equal((i, i), (server.Requests.Count, server.ConnectionCount));
        }
    }

    [Fact]
    public async Task A_POST_that_races_with_the_closing_of_its_kept_connection_is_seen_at_most_once()
    {
        var seen = new ConcurrentDictionary<string, int>();
        await using var server = new LoopbackServer(async connection =>
        {
            for (int i = 0; i < 2 && await connection.ReadRequestAsync() is { } request; i++)
            {
                seen.AddOrUpdate(request.Header("X-Auth-Token")!, 1, (_, count) => count + 1);
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
            int count = seen.GetValueOrDefault(token);
            Assert.InRange(count, thrown is null ? 1 : 0, 1);
            succeeded += thrown is null ? 1 : 0;
        }

        Assert.True(succeeded > 250, $"{succeeded} calls succeeded");
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_POST_that_failed_for_the_moment_is_not_sent_again_whatever_Retry_After_says(int status)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, "{}", "Retry-After: 0"), Response.Json(status, "{}", "Retry-After: 1"));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, status == 408 ? MetalOtpErrorKind.RequestRejected : MetalOtpErrorKind.ServerError))!;

        Assert.True(e.MayHaveTakenEffect);
        Assert.Single(server.Requests);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Fact]
    public async Task A_POST_is_sent_once_the_connection_opens_at_last()
    {
        Socket nobody = LoopbackServer.ReservePort();
        int port = ((System.Net.IPEndPoint)nobody.LocalEndPoint!).Port;
        LoopbackServer? server = null;
        var observer = new RecordingObserver
        {
            Waiting = _ =>
            {
                nobody.Dispose();
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

    [Fact]
    public async Task A_POST_that_was_cancelled_after_it_was_sent_is_not_sent_again()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HangAsync();
        });
        server.Hanging = stop.Cancel;
        using MetalOtpClient client = TestClient.For(server);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Operation.ResetRecoveryCodes.RunAsync(client, cancellationToken: stop.Token));

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        Assert.Equal((1, 1), (server.Requests.Count, server.ConnectionCount));
    }
}
