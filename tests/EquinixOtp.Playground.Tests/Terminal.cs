using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EquinixOtp.Playground.Tests;

/// <summary>A terminal of tmux, in which the playground runs.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly string _socket = $"equinixotp-{Guid.NewGuid()}";

    private Terminal()
    {
    }

    /// <summary>Whether there is a tmux.</summary>
    public static bool IsAvailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "tmux")));

    /// <summary>Starts the playground in a new terminal, which shows the exit code at the end.</summary>
    public static async Task<Terminal> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var terminal = new Terminal();
        string[] variables = [.. environment.Select(variable => $"{variable.Key}='{variable.Value}'")];
        string command = string.Join(' ', ["env -u NO_COLOR -u EQUINIXOTP_MANIFEST", .. variables, "dotnet", PlaygroundProcess.Assembly, .. arguments]);
        _ = await terminal.RunAsync("-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "50", $"{command}; echo \"exit code $?\"; exec cat");
        return terminal;
    }

    /// <summary>Types text, or presses keys by tmux's names of them.</summary>
    public Task PressAsync(params string[] keys) => RunAsync(["send-keys", .. keys]);

    /// <summary>Waits until a line of the screen matches the pattern, and returns all lines, as text or with escape sequences.</summary>
    public async Task<string> WaitForAsync(string pattern, bool withEscapes = false)
    {
        string screen = string.Empty;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(60));
        while (!screen.Split('\n').Any(line => Regex.IsMatch(line, $"^{pattern}$")))
        {
            Assert.False(stop.IsCancellationRequested, $"The terminal does not show {pattern}: {screen}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
            screen = await RunAsync("capture-pane", "-p", "-J", "-S", "-200");
        }

        return withEscapes ? await RunAsync("capture-pane", "-p", "-e", "-S", "-200") : screen;
    }

    public void Dispose()
    {
        using Process kill = Process.Start(Tmux("kill-server"))!;
        kill.WaitForExit();
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using Process tmux = Process.Start(Tmux(arguments))!;
        string output = await tmux.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tmux.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, tmux.ExitCode);
        return string.Join('\n', output.Split('\n').Select(line => line.TrimEnd()));
    }

    private ProcessStartInfo Tmux(params string[] arguments) => new("tmux", ["-L", _socket, .. arguments]) { RedirectStandardOutput = true };
}
