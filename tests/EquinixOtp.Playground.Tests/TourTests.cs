using System.Text.RegularExpressions;

namespace EquinixOtp.Playground.Tests;

public class TourTests
{
    [Fact]
    public async Task The_tour_does_the_main_job_and_says_so()
    {
        PlaygroundProcess.Result tour = await PlaygroundProcess.RunAsync();

        Assert.Equal(0, tour.ExitCode);
        Assert.Empty(tour.Error);
        Assert.Matches(@"\n\n(\d+) of \1 steps [^\n]+\n$", tour.Output);
        Assert.Matches(@"\nPS> Send-MetalOtpSms\n", tour.Output);
        Assert.Matches(@"\nPS> \$Emulator\.Sms\[-1\]\n\d{6}\n", tour.Output);
        Assert.Matches(@"\nPS> Confirm-MetalOtp \$Emulator\.Sms\[-1\] -Verbose\nVERBOSE: POST [^\n]+/verify/\*+: 204,", tour.Output);
        Assert.Matches(@"\nPS> Confirm-MetalOtp -TotpSecret [^\n]+\n\nConfirmedAt +: ", tour.Output);
        Assert.Matches(@"\nPS> Get-MetalRecoveryCode\n\nIndex Code\n----- ----\n1     \*+\n(.+\n){8}10    \*+\n\n", tour.Output);
        Assert.Matches(@"\nPS> Reset-MetalRecoveryCode -WhatIf\nWhat if: ", tour.Output);
        Assert.Matches(@"\nPS> Confirm-MetalOtp '000000'\nConfirm-MetalOtp: ", tour.Output);
        Assert.Matches(@"\nPS> try {\n>>     Confirm-MetalOtp [^\n]+\n>> } catch {\n", tour.Output);

        string before = CodesAfter(tour.Output, @"\$codes");
        string after = CodesAfter(tour.Output, @"Reset-MetalRecoveryCode -AsPlainText -Confirm:\$false");
        Assert.Empty(before.Split('\n').Intersect(after.Split('\n')));
    }

    [Fact]
    public async Task In_a_pipe_it_is_plain_text_with_one_blank_line_between_steps()
    {
        PlaygroundProcess.Result tour = await PlaygroundProcess.RunAsync();

        Assert.DoesNotContain('\u001b', tour.Output);
        Assert.DoesNotContain("\n\n\n", tour.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("#?", tour.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\n(?!#|>> )[^\n]+\n(#|PS> )", tour.Output);
    }

    private static string CodesAfter(string output, string command)
    {
        Match match = Regex.Match(output, $@"\nPS> {command}\n((?:[^ \n]+\n){{9}}[^ \n]+)\n\n");
        Assert.True(match.Success);
        return match.Groups[1].Value;
    }
}
