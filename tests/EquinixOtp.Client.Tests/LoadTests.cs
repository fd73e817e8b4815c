namespace EquinixOtp.Client.Tests;

[Collection<Load>]
public class LoadTests
{
    [Fact]
    public async Task Eight_threads_with_a_token_for_every_call_get_no_crossed_answers()
    {
        const int Threads = 8;
        const int Calls = 500;
        await using LoopbackServer server = LoopbackServer.Echoing();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            using MetalOtpClient client = TestClient.For(server);
            for (int i = 0; i < Calls; i++)
            {
                string token = $"token-{thread}-{i}";
                string answer = (i % 3) switch
                {
                    0 => (await client.As(token).VerifyAsync($"otp-{thread}-{i}")).SessionToken!,
                    1 => Assert.Single(await client.As(token).GetRecoveryCodesAsync()),
                    _ => Assert.Single(await client.As(token).ResetRecoveryCodesAsync()),
                };
                Assert.Equal(token, answer);
            }
        })));

        Assert.Equal(Threads * Calls, server.Requests.Count);
        Assert.Equal(Threads * Calls, server.Requests.Select(request => request.Header("X-Auth-Token")).Distinct().Count());
        // .NET's pool may be opening a connection when another becomes free.
        Assert.InRange(server.ConnectionCount, 1, 2 * Threads);
    }

    [Fact]
    public async Task Twenty_thousand_calls_leave_nothing_behind()
    {
        const int Parallel = 4;
        await using LoopbackServer server = LoopbackServer.Echoing(keepsRequests: false);
        await CallAsync(4_000);
        Level before = Level.Now();

        await CallAsync(16_000);

        Level.Now().AssertIsNotAbove(before);
        Assert.InRange(server.ConnectionCount, 1, 2 * Parallel);

        Task CallAsync(int count) => Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < count / Parallel; i++)
            {
                // As a cmdlet does: a client of its own for every call.
                using MetalOtpClient client = TestClient.For(server);
                await (i % 2 == 0 ? Operation.GetRecoveryCodes : Operation.Verify).RunAsync(client);
            }
        })));
    }

    [Fact]
    public async Task Failing_calls_leave_nothing_behind_either()
    {
        int count = 0;
        await using var server = new LoopbackServer(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is not null)
                {
                    switch (Interlocked.Increment(ref count) % 4)
                    {
                        case 0:
                            connection.Reset();
                            return;
                        case 1:
                            await connection.WriteAsync(Response.Json(503, """{"error":"x"}"""));
                            break;
                        case 2:
                            await connection.WriteAsync(Response.Json(200, "{}"));
                            break;
                        default:
                            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
                            return;
                    }
                }
            },
            keepsRequests: false);
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);
        await CallAsync(500);
        Level before = Level.Now();

        await CallAsync(2_000);

        Level.Now().AssertIsNotAbove(before);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount <= 1);

        async Task CallAsync(int calls)
        {
            for (int i = 0; i < calls; i++)
            {
                await Assert.ThrowsAsync<MetalOtpException>(() => client.GetRecoveryCodesAsync());
            }
        }
    }

    [Theory]
    [InlineData("body without end")]
    [InlineData("chunks without end")]
    [InlineData("body of 100 MiB")]
    [InlineData("400 without end")]
    [InlineData("header block without end")]
    [InlineData("gzip bomb")]
    public async Task A_long_answer_takes_little_memory(string name)
    {
        Fault fault = Faults.All[name];
        await using var server = new LoopbackServer(connection => fault.Serve(connection, Task.Delay));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);
        await Operation.GetRecoveryCodes.RunAsync(client, fault.Kind(Operation.GetRecoveryCodes));
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        long before = GC.GetTotalAllocatedBytes(precise: true);

        await Operation.GetRecoveryCodes.RunAsync(client, fault.Kind(Operation.GetRecoveryCodes));

        // The server's own blocks included.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 48 * 1024 * 1024);
    }
}
