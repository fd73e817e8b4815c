using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EquinixOtp.Playground.Tests;

/// <summary>A tmux terminal that runs the playground.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly string _socket = $"equinixotp-{Guid.NewGuid()}";

    private Terminal()
    {
    }

    /// <summary>Whether tmux is installed.</summary>
    public static bool IsAvailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "tmux")));

    /// <summary>Starts the playground in a new terminal and then prints its exit code.</summary>
    public static async Task<Terminal> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var terminal = new Terminal();
        string[] variables = [.. environment.Select(variable => $"{variable.Key}='{variable.Value}'")];
        string[] words = ["env -u NO_COLOR -u EQUINIXOTP_MANIFEST", .. variables, "dotnet", PlaygroundProcess.Assembly, .. arguments];
        string command = $"{string.Join(' ', words)}; echo \"exit code $?\"; exec cat";
        _ = await terminal.RunAsync("-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "50", command);
        return terminal;
    }

    /// <summary>Types text or presses the keys that tmux knows by these names.</summary>
    public Task PressAsync(params string[] keys) => RunAsync(["send-keys", .. keys]);

    /// <summary>Waits until a line of the screen matches the pattern, and returns all lines.</summary>
    public Task<string> WaitForAsync(string pattern) => WaitForAsync(pattern, lines => lines);

    /// <summary>Waits until the last line of the screen matches the pattern, for example the prompt that accepts the next keys.</summary>
    public Task<string> WaitForLastLineAsync(string pattern) => WaitForAsync(pattern, lines => lines.TakeLast(1));

    /// <summary>Returns all lines with their escape sequences.</summary>
    public Task<string> ReadWithEscapesAsync() => RunAsync("capture-pane", "-p", "-e", "-S", "-200");

    public void Dispose()
    {
        using Process kill = Process.Start(Tmux("kill-server"))!;
        kill.WaitForExit();
    }

    private async Task<string> WaitForAsync(string pattern, Func<IEnumerable<string>, IEnumerable<string>> select)
    {
        string screen = string.Empty;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(120));
        while (!select(screen.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Any(line => Regex.IsMatch(line, $"^{pattern}$")))
        {
            Assert.False(stop.IsCancellationRequested, $"The terminal does not show {pattern}: {screen}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
            screen = await RunAsync("capture-pane", "-p", "-J", "-S", "-200");
        }

        return screen;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using Process tmux = Process.Start(Tmux(arguments))!;
        string output = await tmux.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tmux.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, tmux.ExitCode);
        return string.Join('\n', output.Split('\n').Select(line => line.TrimEnd()));
    }

    private ProcessStartInfo Tmux(params string[] arguments) =>
        new("tmux", ["-L", _socket, .. arguments]) { RedirectStandardOutput = true };
}
