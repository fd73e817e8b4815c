using System.Diagnostics;

namespace EquinixOtp.Playground.Tests;

public class ScriptTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("Confirm-MetalOtp '000000'\n'goes on'", 1)]
    [InlineData("throw 'it'", 1)]
    [InlineData("Confirm-MetalOtp '000000' -ErrorAction Stop", 1)]
    [InlineData("Confirm-MetalOtp '000000' -ErrorAction SilentlyContinue", 0)]
    [InlineData("try { throw 'it' } catch { 'caught' }", 0)]
    [InlineData("if (1) {", 1)]
    [InlineData("function f { exit 3 }\nf\n'not reached'", 3)]
    [InlineData("throw 'it'\nexit 0", 1)]
    [InlineData("param($x = 5)\nexit $x", 5)]
    [InlineData("param($x = 5)\nNo-SuchCommand", 1)]
    [InlineData("if (1) { return }\nexit 6", 0)]
    [InlineData("using namespace System.Text\nif ([StringBuilder]::new('a').Length -ne 1) { exit 7 }", 0)]
    public async Task A_script_decides_the_exit_code(string script, int exitCode) =>
        Assert.Equal(exitCode, (await PlaygroundProcess.RunScriptAsync(script)).ExitCode);

    [Fact]
    public async Task Expectations_decide_whether_a_step_did_what_it_should()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            'right'
            #? $Output[0] -eq 'right'
            #? $true
            Confirm-MetalOtp '000000'
            #? $Error[0].FullyQualifiedErrorId -like 'OtpRejected,*'
            throw 'it'
            #? $Error[0].Exception.Message -eq 'it'
            'wrong'
            #? $Output[0] -eq 'false'
            'one of two'
            #? $true
            #? 'one' -eq 'two'
            'nothing'
            #?
            'throws'
            #? throw 'in an expectation'
            'fails'
            #? $true; No-SuchCommand
            Confirm-MetalOtp '000000'
            #? $Error[0].FullyQualifiedErrorId -like 'RateLimited,*'
            Confirm-MetalOtp '000000'
            #? 'not about the error'
            """);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            [
                "$Output[0] -eq 'false'",
                "'one' -eq 'two'",
                "",
                "throw 'in an expectation'",
                "$true; No-SuchCommand",
                "$Error[0].FullyQualifiedErrorId -like 'RateLimited,*'",
            ],
            result.Output.Split('\n').Where(line => line.StartsWith("Expected: ", StringComparison.Ordinal)).Select(line => line["Expected: ".Length..]));
        Assert.Matches(@"\n3 of 10 steps [^\n]+\n$", result.Output);
    }

    [Fact]
    public async Task Output_is_as_at_a_prompt()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            # what comes
            # next
            'one' # remark
            #? $true

            function f {
                # inside
                "`e[31mred`e[0m"
            }
            f; throw 'it'
            'not reached'
            """);

        Assert.StartsWith(
            """
            # what comes
            # next
            PS> 'one' # remark
            one

            PS> function f {
            >>     # inside
            >>     "`e[31mred`e[0m"
            >> }

            PS> f
            red

            PS> throw 'it'
            Exception: it

            3 of 5 
            """.ReplaceLineEndings("\n"),
            result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_emulator_is_in_a_variable_and_in_the_environment()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            $Emulator
            #? $Output[0].Url -is [uri] -and $Output[0].Url.IsLoopback
            #? $Output[0].Url.AbsoluteUri -ceq $env:METAL_API_URL
            #? [Net.NetworkCredential]::new('', $Emulator.Token).Password -ceq $env:METAL_AUTH_TOKEN
            #? $Emulator.Token -is [securestring] -and $Emulator.TotpSecret -is [securestring]
            #? $Emulator.Sms.Count -eq 0
            Send-MetalOtpSms; Send-MetalOtpSms
            #? $Emulator.Sms.Count -eq 2
            Confirm-MetalOtp $Emulator.Sms[-1] -Quiet
            #? $Output[0] -eq $true
            $env:METAL_AUTH_TOKEN = $null
            Confirm-MetalOtp -TotpSecret $Emulator.TotpSecret -Token $Emulator.Token -ApiUrl $Emulator.Url -Quiet
            #? $Output[0] -eq $true
            """);

        Assert.True(result.ExitCode == 0, result.Output);
    }

    [Theory]
    [InlineData("Reset-MetalRecoveryCode")]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.PromptForCredential('', '', '', '')")]
    public async Task What_asks_fails(string script)
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(script);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("asks nothing", result.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Debug_asks_nothing()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync(
            """
            Send-MetalOtpSms -Debug
            $VerbosePreference = 'Continue'
            Get-MetalRecoveryCode -Debug
            #? $Output.Count -eq 10
            """);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("DEBUG: GET ", result.Output, StringComparison.Ordinal);
        Assert.Contains("DEBUG: > X-Auth-Token: *", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "missing.ps1")]
    [InlineData(2, "one.ps1", "two.ps1")]
    [InlineData(2, "--no-such-option")]
    public async Task Arguments_that_make_no_sense_are_refused(int exitCode, params string[] arguments)
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(arguments);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(arguments[^1], result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_knows_its_folder()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunScriptAsync("if (-not [IO.Directory]::Exists($PSScriptRoot)) { exit 8 }");

        Assert.Equal(0, result.ExitCode);
    }

    // While a command runs, and between two: more remarks than the pipe holds wait there for the signal.
    [Theory]
    [InlineData(0, "started")]
    [InlineData(20_000, "# remark")]
    public async Task Ctrl_C_stops_the_script(int remarks, string sign)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals to send.");
        CancellationToken stop = TestContext.Current.CancellationToken;
        string script = await PlaygroundProcess.WriteScriptAsync(
            $$"""
            'started'
            {{string.Concat(Enumerable.Repeat("# remark\n", remarks))}}
            while ($true) { [Threading.Thread]::Yield() > $null }
            #? $false
            """);
        using Process process = PlaygroundProcess.Start(script);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(stop) is { } line && line != sign)
            {
            }

            using (Process kill = Process.Start("kill", [IgnoresInterrupts() ? "-TERM" : "-INT", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync(stop);
            }

            string rest = await process.StandardOutput.ReadToEndAsync(stop).WaitAsync(TimeSpan.FromSeconds(30), stop);
            await process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromSeconds(30), stop);
            Assert.Equal(130, process.ExitCode);
            Assert.DoesNotContain("Expected: ", rest, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            File.Delete(script);
        }
    }

    // As a shell without job control has those do that it starts in the background, and as they have their own children do.
    private static bool IgnoresInterrupts()
    {
        const string Ignored = "SigIgn:";
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").First(line => line.StartsWith(Ignored, StringComparison.Ordinal)) is var signals
            && (Convert.ToUInt64(signals[Ignored.Length..].Trim(), 16) & 0b10) != 0;
    }
}
