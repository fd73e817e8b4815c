using System.Collections.Concurrent;
using System.Diagnostics;

namespace EquinixOtp.Client.Tests;

public class CancellationTests
{
    // Far below any timeout of the client, far above what a busy machine needs.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(1);

    public static TheoryData<string, Operation> Stages()
    {
        var data = new TheoryData<string, Operation>();
        // .NET itself gives a connection that is opening five seconds more.
        data.Add("tls", Operation.SendSms);
        foreach (string stage in new[] { "sent", "inside the headers" })
        {
            data.Add(stage, Operation.GetRecoveryCodes);
            data.Add(stage, Operation.Verify);
            data.Add(stage, Operation.SendSms);
        }

        foreach (string stage in new[] { "after the headers", "inside the body", "inside an error's body" })
        {
            data.Add(stage, Operation.GetRecoveryCodes);
            data.Add(stage, Operation.ResetRecoveryCodes);
            data.Add(stage, Operation.Verify);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task A_call_ends_at_once_and_its_connection_with_it(string stage, Operation operation)
    {
        using var stop = new CancellationTokenSource();
        await using var server = new LoopbackServer(async connection =>
        {
            if (stage != "tls")
            {
                await connection.ReadRequestAsync();
                await connection.WriteAsync(stage switch
                {
                    "inside the headers" => "HTTP/1.1 200 OK\r\nX-",
                    "after the headers" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
                    "inside the body" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[",
                    "inside an error's body" => "HTTP/1.1 500 Sorry\r\nContent-Length: 100\r\n\r\n{\"error\":",
                    _ => string.Empty,
                });
            }

            await connection.HangAsync();
        });
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Hanging = hanging.SetResult;
        var url = new UriBuilder(server.BaseUrl) { Scheme = stage == "tls" ? "https" : "http" };
        using var client = TestClient.Create(new() { BaseUrl = url.Uri });
        Task call = operation.RunAsync(client, cancellationToken: stop.Token);
        await hanging.Task.WaitAsync(Condition.Limit);

        await AssertEndsAsync(call, stop);

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task A_call_that_is_connecting_ends_at_once()
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
    public async Task A_call_that_waits_to_retry_ends_at_once_and_sends_nothing_more(int status, Operation operation)
    {
        using var stop = new CancellationTokenSource();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, "{}", "Retry-After: 60"));
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl });
        Task call = operation.RunAsync(client, new RecordingObserver { Waiting = _ => waiting.SetResult() }, stop.Token);
        await waiting.Task.WaitAsync(Condition.Limit);

        await AssertEndsAsync(call, stop);

        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_call_that_is_cancelled_beforehand_sends_nothing(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => operation.RunAsync(client, cancellationToken: new CancellationToken(true)));

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_cancelled_call_is_never_a_timeout()
    {
        var clock = new TestClock();
        using var stop = new CancellationTokenSource();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HangAsync();
        });
        server.Hanging = () =>
        {
            stop.Cancel();
            clock.Advance(TimeSpan.FromSeconds(30));
        };
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Operation.GetRecoveryCodes.RunAsync(client, cancellationToken: stop.Token));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Other_calls_on_the_same_connections_go_on()
    {
        using var stop = new CancellationTokenSource();
        var both = new CountdownEvent(2);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            both.Signal();
            await answer.Task;
            await connection.WriteAsync(Response.Good);
        });
        using MetalOtpClient client = TestClient.For(server);
        Task stopped = Operation.ResetRecoveryCodes.RunAsync(client, cancellationToken: stop.Token);
        Task other = Operation.ResetRecoveryCodes.RunAsync(client);
        await Condition.IsTrueAsync(() => both.IsSet);

        await AssertEndsAsync(stopped, stop);

        answer.SetResult();
        await other;
        Assert.Equal(2, server.Requests.Count);
    }

    private static async Task AssertEndsAsync(Task call, CancellationTokenSource stop)
    {
        Assert.False(call.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, s_bound);
    }

    /// <summary>As of a host's window, whose thread is the pipeline's and blocks until the call is done.</summary>
    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_call_asks_nothing_of_its_callers_synchronization_context(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Create(429, "", "Retry-After: 0"), Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        var context = new DeafContext();
        Task? call = null;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            call = operation switch
            {
                Operation.Verify => client.VerifyAsync(Canary.Otp),
                Operation.VerifyTotp => client.VerifyTotpAsync(Canary.TotpSecret),
                Operation.GetRecoveryCodes => client.GetRecoveryCodesAsync(),
                Operation.ResetRecoveryCodes => client.ResetRecoveryCodesAsync(),
                _ => client.SendSmsAsync(),
            };
        });
        thread.Start();
        thread.Join();

        await call!.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(0, context.Posts);
    }

    // Of a thread that never gets round to what is posted to it.
    private sealed class DeafContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => _posts;

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posts);
    }

#if !DESKTOP // The netstandard2.0 build closes the stream to end a read, which is safe on .NET Framework only.
    /// <summary>
    /// If a response's stream is disposed between two reads of another thread, .NET drains the connection while that thread goes on
    /// reading, and the connection's buffer and its next caller get foreign bytes. The server stops calls at such moments.
    /// </summary>
    [Fact]
    public async Task Calls_that_are_stopped_do_not_harm_their_neighbours()
    {
        const string Stopped = "stopped-";
        var stops = new ConcurrentDictionary<string, CancellationTokenSource>();
        await using var server = new LoopbackServer(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    string token = request.Header("X-Auth-Token")!;
                    int stopAt = token.StartsWith(Stopped, StringComparison.Ordinal) ? Random.Shared.Next(5) : -1;
                    string answer = Response.Json(200, $$"""{"recovery_codes":["{{token}}"],"padding":"{{new string('x', 800)}}"}""");
                    int piece = 0;
                    foreach (char[] text in answer.Chunk(200))
                    {
                        await connection.WriteAsync(new string(text));
                        if (piece++ == stopAt)
                        {
                            Thread.SpinWait(Random.Shared.Next(300));
                            await stops[token].CancelAsync();
                        }
                    }
                }
            },
            keepsRequests: false);
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(8));
        int stopped = 0;
        int completed = 0;
        async Task StopCallsAsync(int worker)
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                string token = $"{Stopped}{worker}-{i}";
                // Not disposed: the server may stop a call that has ended.
                var stop = new CancellationTokenSource();
                stops[token] = stop;
                using MetalOtpClient caller = client.As(token);
                Exception? thrown = await Record.ExceptionAsync(() => caller.ResetRecoveryCodesAsync(cancellationToken: stop.Token));
                Assert.True(thrown is null or OperationCanceledException, $"{thrown}");
                Interlocked.Increment(ref stopped);
            }
        }

        async Task CallAsync(int worker)
        {
            using MetalOtpClient neighbour = client.As($"neighbour-{worker}");
            while (!end.IsCancellationRequested)
            {
                Assert.Equal([$"neighbour-{worker}"], await neighbour.ResetRecoveryCodesAsync());
                Interlocked.Increment(ref completed);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => i % 2 == 0 ? StopCallsAsync(i) : CallAsync(i)))).WaitAsync(Condition.Limit);

        Assert.True(stopped > 100 && completed > 100, $"{stopped} stopped, {completed} completed");
    }
#endif
}
