using System.Text.RegularExpressions;
using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

public class TourTests
{
    [Fact]
    public async Task Tour_shows_each_cmdlet_in_plain_text()
    {
        PlaygroundProcess.Result tour = await PlaygroundProcess.RunAsync();

        Assert.Equal((0, string.Empty), (tour.ExitCode, tour.Error));
        Assert.Matches(@"\n\n(\d+) of \1 steps [^\n]+\n$", tour.Output);
        Assert.Matches(@"\nPS> Send-MetalOtpSms\n", tour.Output);
        Assert.Matches(@"\nPS> \$Emulator\.Sms\[-1\]\n\d{6}\n", tour.Output);
        Assert.Matches(
            @"\nPS> Confirm-MetalOtp \$Emulator\.Sms\[-1\] -Verbose\n(VERBOSE: .+\n)*VERBOSE: POST [^\n]+/verify/\*+: 204,",
            tour.Output);
        Assert.Matches(@"\nPS> Confirm-MetalOtp -TotpSecret [^\n]+\n\nConfirmedAt +: ", tour.Output);
        Assert.Matches(@"\nPS> Get-MetalRecoveryCode\n\nIndex Code\n----- ----\n1     \*+\n(.+\n){8}10    \*+\n\n", tour.Output);
        Assert.Matches(@"\nPS> Reset-MetalRecoveryCode -WhatIf\nWhat if: ", tour.Output);
        Assert.Matches(@"\nPS> Confirm-MetalOtp '000000'\nConfirm-MetalOtp: ", tour.Output);
        Assert.Matches(@"\nPS> try {\n>>     Confirm-MetalOtp [^\n]+\n>> } catch {\n", tour.Output);

        string before = CodesAfter(tour.Output, @"\$codes");
        string after = CodesAfter(tour.Output, @"Reset-MetalRecoveryCode -AsPlainText -Confirm:\$false");
        Assert.Empty(before.Split('\n').Intersect(after.Split('\n')));

        // One blank line between steps, no colours and no expectations.
        Assert.DoesNotContain('\u001b', tour.Output);
        Assert.DoesNotContain("\n\n\n", tour.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("#?", tour.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\n(?!#|>> )[^\n]+\n(#|PS> )", tour.Output);
    }

    [Fact]
    public async Task Step_with_an_unmet_expectation_or_unexpected_error_fails()
    {
        PlaygroundProcess.Result result = await RunStepsAsync(
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
            result.Output.Split('\n')
                .Where(line => line.StartsWith("Expected: ", StringComparison.Ordinal))
                .Select(line => line["Expected: ".Length..]));
        Assert.Matches(@"\n3 of 10 steps [^\n]+\n$", result.Output);
    }

    [Fact]
    public async Task Steps_are_shown_as_at_a_prompt_until_one_fails_to_complete()
    {
        PlaygroundProcess.Result result = await RunStepsAsync(
            """
            # what comes
            # next
            'one' # remark
            #? $true

            function f {
                "`e[31mred`e[0m"
            }

            f

            throw 'it'

            'not reached'
            """);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(
            """
            # what comes
            # next
            PS> 'one' # remark
            one

            PS> function f {
            >>     "`e[31mred`e[0m"
            >> }

            PS> f
            red

            PS> throw 'it'
            Exception: 
            """.ReplaceLineEndings("\n"),
            result.Output,
            StringComparison.Ordinal);
        Assert.Matches(@"\n3 of 5 steps [^\n]+\n$", result.Output);
        Assert.DoesNotContain("not reached", result.Output, StringComparison.Ordinal);
    }

    private static async Task<PlaygroundProcess.Result> RunStepsAsync(string steps)
    {
        using var file = new TemporaryScript(steps);
        string runner = Path.Combine(CheckoutRoot.Path, "src", "EquinixOtp.Playground", "Show-Tour.ps1");
        return await PlaygroundProcess.RunAsync(runner, "-Path", file.Path);
    }

    private static string CodesAfter(string output, string command)
    {
        Match match = Regex.Match(output, $@"\nPS> {command}\n((?:[^ \n]+\n){{9}}[^ \n]+)\n\n");
        Assert.True(match.Success);
        return match.Groups[1].Value;
    }
}
