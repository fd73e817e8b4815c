namespace EquinixOtp.Playground.Tests;

public sealed class TerminalTests : IDisposable
{
    private const string Prompt = "PS .+>";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory();

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Prompt_has_completion_and_a_separate_history()
    {
        SkipWithoutTerminal();
        const string Own = "'from the history file'\n";
        string history = Path.Combine(_home.FullName, "powershell", "PSReadLine", "ConsoleHost_history.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(history)!);
        await File.WriteAllTextAsync(history, Own, TestContext.Current.CancellationToken);
        using Terminal terminal = await Terminal.StartAsync(
            new Dictionary<string, string> { ["XDG_DATA_HOME"] = _home.FullName }, "-Interactive");

        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("Up", "Get-MetalRec", "Tab");
        await terminal.WaitForLastLineAsync("PS .+> Get-MetalRecoveryCode");
        await terminal.PressAsync(" | Measure-Object | ForEach-Object { \"count: $($_.Count)\" }", "Enter");
        await terminal.WaitForAsync("count: 10");
        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("Up", "; 'again'", "Enter");
        await terminal.WaitForAsync("again");
        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("$ProgressPreference = 'Ignore'; Send-MetalOtpSms; Confirm-MetalOtp $Emulator.Sms[-1] -Quiet", "Enter");
        await terminal.WaitForAsync(@"SMS: \d{6}");
        await terminal.WaitForAsync("True");

        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("exit 6", "Enter");
        string screen = await terminal.WaitForAsync("exit code 6");
        Assert.DoesNotContain("from the history file", screen, StringComparison.Ordinal);
        Assert.Equal(Own, await File.ReadAllTextAsync(history, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ctrl_C_stops_a_command_but_not_the_emulator()
    {
        SkipWithoutTerminal();
        using Terminal terminal = await Terminal.StartAsync(new Dictionary<string, string>(), "-Interactive");

        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("'start' + 'ed'; Start-Sleep 600", "Enter");
        await terminal.WaitForAsync("started");
        await terminal.PressAsync("C-c");
        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("(Get-MetalRecoveryCode).Count", "Enter");
        await terminal.WaitForAsync("10");
        await terminal.WaitForLastLineAsync(Prompt);
        await terminal.PressAsync("exit", "Enter");
        await terminal.WaitForAsync("exit code 0");
    }

    [Fact]
    public async Task Ctrl_C_stops_a_script_and_runs_its_finally_block()
    {
        SkipWithoutTerminal();
        using var script = new TemporaryScript("try { 'started'; Start-Sleep 600 } finally { [Console]::WriteLine('cleaned up') }");
        using Terminal terminal = await Terminal.StartAsync(new Dictionary<string, string>(), $"'{script.Path}'");

        await terminal.WaitForAsync("started");
        await terminal.PressAsync("C-c");
        string screen = await terminal.WaitForAsync("exit code 130");
        Assert.Contains("cleaned up\n", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tour_has_colours()
    {
        SkipWithoutTerminal();
        using Terminal terminal = await Terminal.StartAsync(new Dictionary<string, string>());

        string text = await terminal.WaitForAsync("exit code 0");

        string screen = await terminal.ReadWithEscapesAsync();
        Assert.Contains("\u001b[32m# An invalid code", screen, StringComparison.Ordinal);
        Assert.Contains("\u001b[31m", screen, StringComparison.Ordinal);
        Assert.Matches("\u001b\\[92m(\\d+) of \\1 steps ", screen);
        Assert.DoesNotContain("\n\n\n", text.TrimEnd(), StringComparison.Ordinal);
    }

    private static void SkipWithoutTerminal() => Assert.SkipUnless(Terminal.IsAvailable, "tmux is not installed.");
}
