using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json;

namespace EquinixOtp.Mutation;

/// <summary>A process in which <see cref="TestHost"/> or <c>PesterHost.ps1</c> runs; replaced after a timeout.</summary>
/// <param name="arguments">The arguments of <c>dotnet</c>.</param>
internal sealed class TestProcess(string[] arguments) : IAsyncDisposable
{
    // Beyond the expected time: in processor time, which the load of the machine does not change, and in time for tests that wait.
    private static readonly TimeSpan s_processorLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private Process? _process;
    private NamedPipeServerStream? _pipe;
    private StreamReader? _reader;
    private StreamWriter? _writer;

    /// <summary>The names of the tests.</summary>
    public string[] Tests { get; private set; } = [];

    /// <summary>Runs tests with a mutant until one fails.</summary>
    /// <param name="mutant">The mutant, or 0.</param>
    /// <param name="tests">The numbers of the tests.</param>
    /// <param name="expected">How long they take without a mutant.</param>
    /// <returns>Null if the tests did not end, or ended the process.</returns>
    public async Task<Outcome?> RunAsync(int mutant, int[] tests, TimeSpan expected)
    {
        await StartAsync();
        TimeSpan processorTime = _process!.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        await _writer!.WriteLineAsync(JsonSerializer.Serialize(new Order(mutant, tests)));
        Task<string?> reply = _reader!.ReadLineAsync();
        while (await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(500))) != reply)
        {
            _process.Refresh();
            if (!_process.HasExited && (_process.TotalProcessorTime - processorTime > s_processorLimit + expected
                || Stopwatch.GetElapsedTime(start) > s_limit + (3 * expected)))
            {
                break;
            }
        }

        if (reply.IsCompletedSuccessfully && reply.Result is { } line)
        {
            return JsonSerializer.Deserialize<Outcome>(line);
        }

        await StopAsync();
        return null;
    }

    public async Task StartAsync()
    {
        if (_process is not null)
        {
            return;
        }

        string name = $"mutation-{Guid.NewGuid():N}";
        _pipe = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                // Of the xunit projects: pwsh has its host on its command line.
                ["DOTNET_STARTUP_HOOKS"] = arguments.Length == 1 ? typeof(TestProcess).Assembly.Location : null,
                ["MUTATION_PIPE"] = name,
            },
        })!;
        _process.BeginOutputReadLine();
        await _pipe.WaitForConnectionAsync();
        _reader = new StreamReader(_pipe);
        _writer = new StreamWriter(_pipe) { AutoFlush = true };
        Tests = JsonSerializer.Deserialize<string[]>((await _reader.ReadLineAsync())!)!;
    }

    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.CancelOutputRead();
            process.Kill(entireProcessTree: true);
            process.Dispose();
            await _pipe!.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
