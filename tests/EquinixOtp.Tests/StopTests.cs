using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Ctrl+C, which is the pipeline's Stop from another thread: at once, without an error, and nothing goes on behind.</summary>
public class StopTests
{
    // The contract says 250 ms. A busy machine that runs other tests beside this one is given more.
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(3);

    public static TheoryData<string> Cmdlets => new(Scripts.All);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Ends_a_call_that_waits_for_an_answer(string script)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        await AssertEndsAsync(server, shell, script);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[\"a\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n{\"error\":")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Half: a header")]
    public async Task Ends_a_call_in_the_middle_of_an_answer(string answer)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive(answer);
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        await AssertEndsAsync(server, shell, Scripts.Get);
    }

    [Theory]
    [InlineData(Scripts.Get)]
    [InlineData(Scripts.Reset)]
    public async Task Ends_a_wait_before_a_retry(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(429, "", "Retry-After: 1");
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        using PowerShell call = shell.Create(script + " @api");
        Task waiting = FirstProgressOf(call);
        IAsyncResult running = call.BeginInvoke();
        await waiting;

        AssertStops(shell, call, running, call.Stop);

        // Longer than the wait would have been: the retry must not come after all.
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Ends_connecting_and_sends_nothing_when_the_connection_opens_after_all()
    {
        using FullListener listener = await FullListener.StartAsync();
        using var shell = new Shell(listener.Url);
        using PowerShell call = shell.Create(Scripts.Reset + " @api");
        Task waiting = FirstProgressOf(call);
        IAsyncResult running = call.BeginInvoke();
        await waiting;

        AssertStops(shell, call, running, call.Stop);

        // .NET goes on for some seconds, and keeps the connection for another call.
        using Socket late = await listener.AcceptAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(0, late.Available);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" -Proxy $proxy")]
    public async Task Ends_the_handshakes_before_a_request(string proxy)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var shell = new Shell(new Uri($"https://{listener.LocalEndpoint}"));
        shell["proxy"] = new Uri($"http://{listener.LocalEndpoint}");
        using PowerShell call = shell.Create(Scripts.Confirm + " @api" + proxy);
        IAsyncResult running = call.BeginInvoke();
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        // The first byte of a TLS handshake, or of CONNECT.
        byte[] first = new byte[1];
        await client.GetStream().ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        Assert.Equal(proxy.Length == 0 ? 22 : 'C', first[0]);

        AssertStops(shell, call, running, call.Stop);

        // .NET gives a connection that it has begun five seconds to be of use to another call.
        await LeavesAsync(client);
    }

    [Fact]
    public async Task Ends_a_call_from_another_runspace()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);
        using PowerShell call = shell.Create(Scripts.Get + " @api");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();
        using var other = new Shell();

        AssertStops(shell, call, running, () => StopFrom(other, call));
    }

    [Fact]
    public async Task Ends_a_call_nested_in_the_same_runspace()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);
        using PowerShell call = shell.Create("[powershell]::Create('CurrentRunspace').AddScript('Get-MetalRecoveryCode @api').Invoke()");
        _ = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        var clock = Stopwatch.StartNew();
        call.Stop();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
        Assert.Equal(PSInvocationState.Stopped, call.InvocationStateInfo.State);
        Assert.Empty(shell.Run("$Error").Success);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task Ends_the_pipeline_and_not_one_item_alone()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);
        using PowerShell call = shell.Create("try { '111111', '222222' | Confirm-MetalOtp @api } catch { 'caught' } 'next'");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        AssertStops(shell, call, running, call.Stop);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Runspace_closes_in_the_middle_of_a_call()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        var shell = new Shell(server.BaseUrl);
        using PowerShell call = shell.Create(Scripts.Get + " @api");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        var clock = Stopwatch.StartNew();
        shell.Dispose();

        Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("HTTP/1.1 200 OK\r\nX-Half: a header", false)]
    [InlineData("HTTP/1.1 200 OK\r\nX-Half: a header", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[\"a\"", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[\"a\"", true)]
    public async Task Ends_a_call_within_a_quarter_of_a_second(string answer, bool fromAnotherRunspace)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive(answer);
        using var shell = new Shell(server.BaseUrl);

        await AssertPromptAsync(shell, Scripts.Get + " @api", _ => server.BecomesUnresponsiveAsync(), fromAnotherRunspace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ends_a_wait_within_a_quarter_of_a_second(bool fromAnotherRunspace)
    {
        await using LoopbackServer server = LoopbackServer.Responding(429, "", "Retry-After: 50");
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        await AssertPromptAsync(shell, Scripts.Get + " @api", FirstProgressOf, fromAnotherRunspace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ends_connecting_within_a_quarter_of_a_second(bool fromAnotherRunspace)
    {
        using FullListener listener = await FullListener.StartAsync();
        using var shell = new Shell(listener.Url);

        await AssertPromptAsync(shell, Scripts.Send + " @api", FirstProgressOf, fromAnotherRunspace);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData(" -Proxy $proxy", false)]
    [InlineData(" -Proxy $proxy", true)]
    public async Task Ends_the_handshakes_within_a_quarter_of_a_second(string proxy, bool fromAnotherRunspace)
    {
        var opened = new List<IDisposable>();
        using var shell = new Shell();

        await AssertPromptAsync(
            shell,
            Scripts.Confirm + " @api" + proxy,
            async _ =>
            {
                // For each call another: it would wait for the connection that the last one began.
                var listener = new TcpListener(IPAddress.Loopback, 0);
                opened.Add(listener);
                listener.Start();
                shell.SetApi(new Uri($"https://{listener.LocalEndpoint}"), Canary.Token);
                shell["proxy"] = new Uri($"http://{listener.LocalEndpoint}");
                TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                opened.Add(client);
                await client.GetStream().ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
            },
            fromAnotherRunspace);

        opened.ForEach(item => item.Dispose());
    }

    /// <summary>On Windows and macOS the system's proxy can be a script on the network, which .NET runs on its caller's thread.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ends_asking_the_system_for_a_proxy_within_a_quarter_of_a_second(bool fromAnotherRunspace)
    {
        var api = new Uri($"https://{(fromAnotherRunspace ? "other" : "same")}.slow-proxy.invalid");
        using var proxy = new SlowSystemProxy(api.Host);
        using var shell = new Shell(api);
        // .NET asks the first time on a thread of its own.
        using (var first = new Shell(api))
        {
            Assert.Single(first.Run(Scripts.Get + " @api").Errors);
            await proxy.AskedAsync();
            proxy.BeSlow();
        }

        await AssertPromptAsync(shell, Scripts.Get + " @api", _ => proxy.AskedAsync(), fromAnotherRunspace);
    }

    [Fact]
    public async Task Comes_from_the_timeout_too_while_the_system_is_asked_for_a_proxy()
    {
        var api = new Uri("https://timeout.slow-proxy.invalid");
        using var proxy = new SlowSystemProxy(api.Host);
        using var shell = new Shell(api);
        Assert.Single(shell.Run(Scripts.Get + " @api").Errors);
        proxy.BeSlow();

        var clock = Stopwatch.StartNew();
        ErrorRecord error = Assert.Single(shell.Run(Scripts.Get + " @api -TimeoutSec 1").Errors);

        Assert.StartsWith("Timeout,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, SlowSystemProxy.Slowness / 2);
        await proxy.AskedAsync();
    }

    [Fact]
    public async Task Comes_at_any_moment()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        for (int i = 0; i < 60; i++)
        {
            using PowerShell call = shell.Create("while ($true) { Get-MetalRecoveryCode @api -Verbose }");
            IAsyncResult running = call.BeginInvoke();
            await Task.Delay(RandomNumberGenerator.GetInt32(15), TestContext.Current.CancellationToken);

            AssertStops(shell, call, running, call.Stop);
        }

        Assert.Equal(10, shell.Run("Get-MetalRecoveryCode @api").Success.Count);
    }

    /// <summary>
    /// The contract's number. A busy machine can make any one stop slow, so the median of three counts.
    /// </summary>
    private static async Task AssertPromptAsync(Shell shell, string script, Func<PowerShell, Task> begun, bool fromAnotherRunspace)
    {
        using var other = new Shell();
        var times = new List<TimeSpan>();
        for (int i = 0; i < 3; i++)
        {
            using PowerShell call = shell.Create(script);
            Task shown = begun(call);
            IAsyncResult running = call.BeginInvoke();
            await shown;

            var clock = Stopwatch.StartNew();
            AssertStops(shell, call, running, fromAnotherRunspace ? () => StopFrom(other, call) : call.Stop);
            times.Add(clock.Elapsed);
        }

        Assert.InRange(times.Order().ElementAt(times.Count / 2), TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
    }

    // Stops the call once the server has its request: the client leaves, and asks for nothing more.
    private static async Task AssertEndsAsync(LoopbackServer server, Shell shell, string script)
    {
        using PowerShell call = shell.Create(script + " @api");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        AssertStops(shell, call, running, call.Stop);

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        Assert.Single(server.Requests);
    }

    private static void StopFrom(Shell other, PowerShell call)
    {
        other["victim"] = call;
        _ = other.Run("$victim.Stop()").Success;
    }

    private static void AssertStops(Shell shell, PowerShell call, IAsyncResult running, Action stop)
    {
        var clock = Stopwatch.StartNew();
        stop();
        Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
        Assert.Equal(PSInvocationState.Stopped, call.InvocationStateInfo.State);
        Assert.Empty(call.Streams.Error);
        Assert.Empty(shell.Run("$Error").Success);
    }

    private static Task FirstProgressOf(PowerShell call)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Streams.Progress.DataAdded += (_, _) => seen.TrySetResult();
        return seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private static async Task LeavesAsync(TcpClient client)
    {
        try
        {
            byte[] buffer = new byte[1024];
            while (await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a way to leave, too.
        }
    }

    // The process's own setting but for one host, for which it names a proxy where nobody listens, at first at once.
}
