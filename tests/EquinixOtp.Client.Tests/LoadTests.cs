namespace EquinixOtp.Client.Tests;

[Collection<Load>]
public class LoadTests
{
    [Fact]
    public async Task Twenty_thousand_calls_get_their_own_responses_and_leave_nothing_behind()
    {
        const int Parallel = 8;
        await using LoopbackServer server = LoopbackServer.Echoing(keepsRequests: false);
        await CallAsync(4_000);
        Level before = Level.Now();

        await CallAsync(16_000);

        Level.Now().AssertIsNotAbove(before);
        // .NET's pool can open a connection while another becomes free.
        Assert.InRange(server.ConnectionCount, 1, 2 * Parallel);

        Task CallAsync(int count) => Task.WhenAll(Enumerable.Range(0, Parallel).Select(worker => Task.Run(async () =>
        {
            using MetalOtpClient client = TestClient.For(server);
            for (int i = 0; i < count / Parallel; i++)
            {
                // One client per call, as in a cmdlet.
                string token = $"token-{worker}-{i}";
                using MetalOtpClient caller = client.As(token);
                Assert.Equal(token, (i % 3) switch
                {
                    0 => (await caller.VerifyAsync($"otp-{worker}-{i}")).SessionToken!,
                    1 => Assert.Single(await caller.GetRecoveryCodesAsync()),
                    _ => Assert.Single(await caller.ResetRecoveryCodesAsync()),
                });
            }
        })));
    }

    [Fact]
    public async Task Failing_calls_leave_nothing_behind()
    {
        await using var server = new LoopbackServer(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    switch (request.Number % 4)
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
}
