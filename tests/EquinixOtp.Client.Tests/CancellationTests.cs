using System.Collections.Concurrent;
using System.Diagnostics;

namespace EquinixOtp.Client.Tests;

public class CancellationTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

    // Far below any timeout of the client, and far above the time that a busy machine needs.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("", Operation.GetRecoveryCodes)]
    [InlineData("", Operation.Verify)]
    [InlineData("HTTP/1.1 200 OK\r\nX-", Operation.GetRecoveryCodes)]
    [InlineData("HTTP/1.1 200 OK\r\nX-", Operation.SendSms)]
    [InlineData(Head, Operation.GetRecoveryCodes)]
    [InlineData(Head, Operation.Verify)]
    [InlineData(Head + "{\"recovery_codes\":[", Operation.ResetRecoveryCodes)]
    [InlineData("HTTP/1.1 500 Sorry\r\nContent-Length: 100\r\n\r\n{\"error\":", Operation.ResetRecoveryCodes)]
    public async Task Cancelled_call_ends_at_once_with_its_connection(string partOfResponse, Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive(partOfResponse);

        await AssertEndsAsync(server, server.BaseUrl, operation);

        Assert.Equal((1, 1), (server.Requests.Count, server.ConnectionCount));
    }

    [Fact]
    public async Task Cancelled_TLS_handshake_ends_at_once_with_its_connection()
    {
        await using var server = new LoopbackServer(connection => connection.HangAsync());

        await AssertEndsAsync(server, TestClient.Https(server), Operation.SendSms);

        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Cancelled_connection_attempt_ends_at_once()
    {
        using FullListener listener = await FullListener.StartAsync();
        using var stop = new CancellationTokenSource();
        using var client = TestClient.Create(new() { BaseUrl = listener.Url });
        Task call = Operation.SendSms.RunAsync(client, cancellationToken: stop.Token);

        await AssertEndsAsync(call, stop);
    }

    [Theory]
    [InlineData(429, Operation.SendSms)]
    [InlineData(503, Operation.GetRecoveryCodes)]
    public async Task Cancelled_delay_ends_at_once_without_a_retry(int status, Operation operation)
    {
        using var stop = new CancellationTokenSource();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LoopbackServer server = LoopbackServer.Responding(status, "{}", "Retry-After: 60");
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl });
        Task call = operation.RunAsync(client, new RecordingObserver { Waiting = _ => waiting.SetResult() }, stop.Token);
        await waiting.Task.WaitAsync(Condition.Limit);

        await AssertEndsAsync(call, stop);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Call_with_a_cancelled_token_sends_nothing()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendSmsAsync(cancellationToken: new CancellationToken(true)));

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Cancellation_takes_precedence_over_a_timeout()
    {
        var clock = new TestClock();
        using var stop = new CancellationTokenSource();
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        server.Hanging = () =>
        {
            stop.Cancel();
            clock.Advance(TimeSpan.FromSeconds(30));
        };
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetRecoveryCodesAsync(cancellationToken: stop.Token));

        Assert.Single(server.Requests);
    }

    // A thread with a window has such a context, and blocks until the call ends.
    [Fact]
    public async Task Call_does_not_need_its_callers_synchronization_context()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Create(429), Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        var context = new BlockedContext();
        Task? call = null;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            call = client.GetRecoveryCodesAsync();
        });
        thread.Start();
        thread.Join();

        await call!.WaitAsync(Condition.Limit);

        Assert.Equal((2, 0), (server.Requests.Count, context.Posts));
    }

#if !DESKTOP // The netstandard2.0 build closes the stream to end a read, which is safe on .NET Framework only.
    // If a response's stream is disposed between two reads, .NET drains the connection while the reader continues, and the next call on
    // the connection receives bytes of another response. The server cancels calls at such moments.
    [Fact]
    public async Task Cancelled_calls_do_not_harm_others_on_the_same_connections()
    {
        const string Cancelled = "cancelled-";
        const int Calls = 300;
        var stops = new ConcurrentDictionary<string, CancellationTokenSource>();
        await using var server = new LoopbackServer(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    string token = request.Header("X-Auth-Token")!;
                    int stopAt = token.StartsWith(Cancelled, StringComparison.Ordinal) ? Random.Shared.Next(5) : -1;
                    string response = Response.Json(200, $$"""{"recovery_codes":["{{token}}"],"padding":"{{new string('x', 800)}}"}""");
                    foreach ((int index, char[] part) in response.Chunk(200).Index())
                    {
                        await connection.WriteAsync(new string(part));
                        if (index == stopAt)
                        {
                            Thread.SpinWait(Random.Shared.Next(300));
                            await stops[token].CancelAsync();
                        }
                    }
                }
            },
            keepsRequests: false);
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);

        await Task.WhenAll(Enumerable.Range(0, 24).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < Calls; i++)
            {
                string token = $"{(worker % 2 == 0 ? Cancelled : "other-")}{worker}-{i}";
                // Not disposed: the server may cancel a call that has ended.
                var stop = stops[token] = new CancellationTokenSource();
                using MetalOtpClient caller = client.As(token);
                try
                {
                    Assert.Equal([token], await caller.ResetRecoveryCodesAsync(cancellationToken: stop.Token));
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                }
            }
        })));
    }
#endif

    private static async Task AssertEndsAsync(LoopbackServer server, Uri url, Operation operation)
    {
        using var stop = new CancellationTokenSource();
        using var client = TestClient.Create(new() { BaseUrl = url });
        Task call = operation.RunAsync(client, cancellationToken: stop.Token);
        await server.BecomesUnresponsiveAsync();

        await AssertEndsAsync(call, stop);

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    private static async Task AssertEndsAsync(Task call, CancellationTokenSource stop)
    {
        Assert.False(call.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, s_bound);
    }

    // Its thread never runs the callbacks that are posted to it.
    private sealed class BlockedContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => _posts;

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posts);
    }
}
