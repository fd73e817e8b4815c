using System.Diagnostics;

namespace EquinixOtp.Playground.Tests;

public class StopTests
{
    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task Signal_ends_script_and_children_with_exit_code_130(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        Assert.SkipWhen(signal == "-INT" && IgnoresInterrupts(), "A background process of a shell without job control ignores SIGINT.");
        CancellationToken stop = TestContext.Current.CancellationToken;
        using var script = new TemporaryScript(
            """
            $PID
            $env:PSModulePath.Split(':')[0]
            Start-Sleep 600
            'not reached'
            """);
        using Process process = PlaygroundProcess.Start(new Dictionary<string, string>(), script.Path);
        using var pwsh = Process.GetProcessById(int.Parse((await process.StandardOutput.ReadLineAsync(stop))!, null));
        string modules = (await process.StandardOutput.ReadLineAsync(stop))!;
        Assert.True(Directory.Exists(modules));

        using (Process kill = Process.Start("kill", [signal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(stop);
        }

        PlaygroundProcess.Result result = await PlaygroundProcess.ReadAsync(process).WaitAsync(TimeSpan.FromSeconds(60), stop);
        Assert.Equal((130, string.Empty), (result.ExitCode, result.Output));
        Assert.True(pwsh.HasExited);
        Assert.False(Directory.Exists(modules));
    }

    // Processes inherit an ignored SIGINT, for example from a shell without job control.
    private static bool IgnoresInterrupts()
    {
        const string Ignored = "SigIgn:";
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").First(line => line.StartsWith(Ignored, StringComparison.Ordinal)) is var signals
            && (Convert.ToUInt64(signals[Ignored.Length..].Trim(), 16) & 0b10) != 0;
    }
}
