namespace EquinixOtp.Playground.Tests;

public class ScriptTests
{
    [Theory]
    [InlineData(0, "Confirm-MetalOtp '000000'; 'goes on'")]
    [InlineData(1, "Confirm-MetalOtp '000000' -ErrorAction Stop")]
    [InlineData(1, "if (1) {")]
    [InlineData(3, "function f { exit 3 }\nf\n'not reached'")]
    public async Task Script_determines_the_exit_code(int exitCode, string script) =>
        Assert.Equal(exitCode, (await PlaygroundProcess.RunScriptAsync(script)).ExitCode);

    [Fact]
    public async Task Script_receives_its_arguments()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            param([string] $Name, [int] $Count, [switch] $Interactive, [Parameter(ValueFromRemainingArguments)] $Rest)
            "$Name|$Count|$Interactive|$Rest|$(Split-Path $PSCommandPath -Leaf)"
            """,
            "-Name", "a 'b' $c", "-Count", "3", "-Interactive", "one", "--two");

        Assert.Equal(new(0, "a 'b' $c|3|True|one --two|my script.ps1\n", string.Empty), result);
    }

    [Fact]
    public async Task Variable_and_environment_describe_the_emulator()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            function ConvertFrom-Secure([securestring] $Secure) { [System.Net.NetworkCredential]::new('', $Secure).Password }
            $Emulator.Url -is [uri] -and $Emulator.Url.IsLoopback -and $Emulator.Url.AbsoluteUri -ceq $env:METAL_API_URL
            (ConvertFrom-Secure $Emulator.Token) -ceq $env:METAL_AUTH_TOKEN
            (ConvertFrom-Secure $Emulator.TotpSecret) -ceq $env:METAL_TOTP_SECRET
            $Emulator.Sms.Count -eq 0
            Send-MetalOtpSms
            $Emulator.Sms.Count -eq 1
            Send-MetalOtpSms
            $Emulator.Sms.Count -eq 2
            Confirm-MetalOtp $Emulator.Sms[-1] -Quiet
            $env:METAL_AUTH_TOKEN = $null
            Confirm-MetalOtp -TotpSecret $Emulator.TotpSecret -Token $Emulator.Token -ApiUrl $Emulator.Url -Quiet
            """);

        Assert.Equal(Enumerable.Repeat("True", 8), result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches(@"^SMS: \d{6}\nSMS: \d{6}\n$", result.Error);
    }

    [Fact]
    public async Task Jobs_runspaces_and_child_processes_find_the_module()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            $codes = (Get-MetalRecoveryCode -AsPlainText) -join ' '
            $command = { (Get-MetalRecoveryCode -AsPlainText) -join ' ' }
            (Start-Job $command | Receive-Job -Wait) -ceq $codes
            (Start-ThreadJob $command | Receive-Job -Wait) -ceq $codes
            (1..2 | ForEach-Object -Parallel $command | Select-Object -Unique) -ceq $codes
            (pwsh -NoProfile -Command "Import-Module EquinixOtp; $command") -ceq $codes
            @('{ "a": [1, 2] }' | ConvertFrom-Json).a.Count -eq 2
            """);

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.Equal(Enumerable.Repeat("True", 5), result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Output_in_a_pipe_is_plain_text()
    {
        PlaygroundProcess.Result result =
            await PlaygroundProcess.RunScriptAsync("Get-Command -Module EquinixOtp\nConfirm-MetalOtp '000000'");

        Assert.Contains("Confirm-MetalOtp", result.Output, StringComparison.Ordinal);
        Assert.Contains("Confirm-MetalOtp", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.All);
    }

    [Theory]
    [InlineData(1, "missing.ps1")]
    [InlineData(2, "-Interactive", "one.ps1")]
    [InlineData(2, "--no-such-option")]
    public async Task Invalid_arguments_are_rejected(int exitCode, params string[] arguments)
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(arguments);

        Assert.Equal((exitCode, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains(arguments[^1], result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_the_usage()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync("--help");

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.Contains("-Interactive", result.Output, StringComparison.Ordinal);
    }
}
