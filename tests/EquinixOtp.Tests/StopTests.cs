using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Stops of the pipeline, such as Ctrl+C: they end a call soon and without an error, and nothing is sent afterwards.</summary>
public class StopTests
{
    // Far below any timeout here, and far above the time of a stop on a busy machine.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Cmdlets => new(Scripts.All);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Stop_ends_a_call_that_waits_for_the_response(string script)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        await AssertStopsAsync(shell, script + " @api", _ => server.BecomesUnresponsiveAsync());

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[\"a\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n{\"error\":")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Half: a header")]
    public async Task Stop_ends_a_call_that_reads_the_response(string part)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive(part);
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        await AssertStopsAsync(shell, Scripts.Get + " @api", _ => server.BecomesUnresponsiveAsync());

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Scripts.Get)]
    [InlineData(Scripts.Reset)]
    public async Task Stop_ends_a_wait_before_a_retry(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(429, "", "Retry-After: 50");
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        await AssertStopsAsync(shell, script + " @api", FirstProgressOf);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Connection_that_opens_after_the_stop_carries_only_the_next_call()
    {
        using FullListener listener = await FullListener.StartAsync();
        using var shell = new Shell(listener.Url);

        await AssertStopsAsync(shell, Scripts.Reset + " @api", FirstProgressOf);

        // .NET completes a connection attempt after the stop, and uses the connection for another call.
        using Socket late = await listener.AcceptAsync();
        using PowerShell next = shell.Create(Scripts.Get + " @api");
        _ = next.BeginInvoke();
        byte[] method = new byte[3];
        using var limit = new CancellationTokenSource(Condition.Limit);
        await late.ReceiveAsync(method, limit.Token);
        Assert.Equal("GET", Encoding.ASCII.GetString(method));
        next.Stop();
    }

    [Theory]
    [InlineData("", 0x16)]
    [InlineData(" -Proxy $proxy", 'C')]
    public async Task Stop_ends_a_handshake_with_the_server_or_a_proxy(string proxy, int firstByte)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var shell = new Shell(new Uri($"https://{listener.LocalEndpoint}"));
        shell["proxy"] = new Uri($"http://{listener.LocalEndpoint}");
        byte[] first = new byte[1];

        await AssertStopsAsync(shell, Scripts.Confirm + " @api" + proxy, async _ =>
        {
            TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        });

        Assert.Equal(firstByte, first[0]);
    }

    [Fact]
    public async Task Stop_from_another_runspace_ends_a_call()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);
        using var other = new Shell();

        await AssertStopsAsync(shell, Scripts.Get + " @api", _ => server.BecomesUnresponsiveAsync(), call =>
        {
            other["call"] = call;
            _ = other.Run("$call.Stop()").Success;
        });
    }

    [Fact]
    public async Task Stop_ends_a_call_in_a_nested_pipeline()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        await AssertStopsAsync(
            shell,
            "[powershell]::Create('CurrentRunspace').AddScript('Get-MetalRecoveryCode @api').Invoke()",
            _ => server.BecomesUnresponsiveAsync());

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task Stop_ends_the_pipeline_and_not_only_the_current_item()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        await AssertStopsAsync(
            shell, "try { '111111', '222222' | Confirm-MetalOtp @api } catch { 'caught' } 'next'", _ => server.BecomesUnresponsiveAsync());

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Exception_of_the_next_command_ends_the_call()
    {
        await using LoopbackServer server = LoopbackServer.UnresponsiveAfter(Response.Create(429));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        shell["retrying"] = server.BecomesUnresponsiveAsync();

        Outcome outcome = await shell
            .RunAsync("""
                try { Get-MetalRecoveryCode @api -TimeoutSec 600 -Verbose 4>&1 | ForEach-Object { $retrying.Wait(); throw 'end' } }
                catch { "$_" }
                """)
            .WaitAsync(Condition.Limit, TestContext.Current.CancellationToken);

        Assert.Equal(["end"], outcome.Success);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task Closing_the_runspace_ends_a_call()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        var shell = new Shell(server.BaseUrl);
        using PowerShell call = shell.Create(Scripts.Get + " @api");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        var clock = Stopwatch.StartNew();
        shell.Dispose();

        Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_limit);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    /// <summary>On Windows and macOS, the setting can be a script on the network, which .NET runs on the caller's thread.</summary>
    [Fact]
    public async Task Stop_and_timeout_do_not_wait_for_the_system_proxy_setting()
    {
        var api = new Uri("https://slow-proxy.invalid");
        using var proxy = new SlowSystemProxy(api.Host);
        using var shell = new Shell(api);
        using var first = new Shell(api);
        // .NET reads the setting for the first request on another thread.
        Assert.Single(first.Run(Scripts.Get + " @api").Errors);
        await proxy.AskedAsync();
        proxy.BeSlow();

        await AssertStopsAsync(shell, Scripts.Get + " @api", _ => proxy.AskedAsync());

        var clock = Stopwatch.StartNew();
        Assert.Equal([MetalErrorIds.Timeout], shell.Run(Scripts.Get + " @api -TimeoutSec 1").ErrorIds);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_limit);
    }

    [Fact]
    public async Task Runspace_works_after_stops_at_any_moment()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        for (int i = 0; i < 60; i++)
        {
            await AssertStopsAsync(
                shell,
                "while ($true) { Get-MetalRecoveryCode @api -Verbose }",
                _ => Task.Delay(RandomNumberGenerator.GetInt32(15), TestContext.Current.CancellationToken));
        }

        Assert.Equal(10, shell.Run("Get-MetalRecoveryCode @api").Success.Count);
    }

    // Starts a script, and stops it at the moment that a test waits for.
    private static async Task AssertStopsAsync(Shell shell, string script, Func<PowerShell, Task> momentOf, Action<PowerShell>? stop = null)
    {
        using PowerShell call = shell.Create(script);
        Task moment = momentOf(call);
        IAsyncResult running = call.BeginInvoke();
        await moment;

        var clock = Stopwatch.StartNew();
        (stop ?? (powerShell => powerShell.Stop()))(call);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_limit);
        Assert.True(Record.Exception(() => call.EndInvoke(running)) is null or PipelineStoppedException);
        Assert.Equal(PSInvocationState.Stopped, call.InvocationStateInfo.State);
        Assert.Empty(call.Streams.Error);
        Assert.Empty(shell.Run("$Error").Success);
    }

    private static Task FirstProgressOf(PowerShell call)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Streams.Progress.DataAdded += (_, _) => seen.TrySetResult();
        return seen.Task.WaitAsync(Condition.Limit, TestContext.Current.CancellationToken);
    }
}
