using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>What asks before it acts: Send-MetalOtpSms on demand, Reset-MetalRecoveryCode always.</summary>
public class ShouldProcessTests
{
    [Fact]
    public async Task Sms_is_sent_without_asking()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        Assert.Empty(shell.Run("Send-MetalOtpSms @api").Success);

        Assert.Single(emulator.Accounts[0].SmsCodes);
        Assert.Empty(shell.Host.Prompts);
    }

    [Theory]
    [InlineData("Send-MetalOtpSms -Confirm @api", "Yes", 1)]
    [InlineData("Send-MetalOtpSms -Confirm @api", "No", 0)]
    [InlineData("$ConfirmPreference = 'Low'; Send-MetalOtpSms @api", "No", 0)]
    [InlineData("Reset-MetalRecoveryCode @api", "Yes", 1)]
    [InlineData("Reset-MetalRecoveryCode @api", "No", 0)]
    [InlineData("Reset-MetalRecoveryCode -Confirm @api", "No", 0)]
    public async Task Acts_as_the_prompt_is_answered(string script, string answer, int calls)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell(server.BaseUrl);
        shell.Host.AnswerNext(answer);

        Assert.Empty(shell.Run(script).Success);

        Assert.Single(shell.Host.Prompts);
        Assert.Equal(calls, server.Requests.Count);
    }

    [Fact]
    public async Task Yes_to_all_holds_for_the_pipeline()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);
        shell["items"] = new object[] { Item(), Item(), Item() };
        shell["url"] = server.BaseUrl;
        shell.Host.AnswerNext("Yes to All");

        _ = shell.Run("$items | Send-MetalOtpSms -ApiUrl $url -Confirm").Success;

        Assert.Single(shell.Host.Prompts);
        Assert.Equal(3, server.Requests.Count);

        static PSObject Item() => new() { Properties = { new PSNoteProperty("Token", Secret.Secure(Canary.Token)) } };
    }

    [Theory]
    [InlineData("Reset-MetalRecoveryCode -Confirm:$false @api")]
    [InlineData("$ConfirmPreference = 'None'; Reset-MetalRecoveryCode @api")]
    public async Task Reset_does_not_ask_when_told_so(string script)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        Assert.Equal(10, shell.Run(script).Success.Count);
        Assert.Empty(shell.Host.Prompts);
    }

    [Fact]
    public async Task Failing_to_prompt_makes_no_call()
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell(server.BaseUrl);

        Assert.NotEmpty(shell.Run("Reset-MetalRecoveryCode @api").Errors);

        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("Send-MetalOtpSms -WhatIf @api")]
    [InlineData("Reset-MetalRecoveryCode -WhatIf @api")]
    [InlineData("Reset-MetalRecoveryCode -WhatIf -Confirm:$false @api")]
    [InlineData("$WhatIfPreference = $true; Send-MetalOtpSms @api; Reset-MetalRecoveryCode @api")]
    public async Task What_if_makes_no_call(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Assert.Empty(shell.Run(script).Success);

        Assert.Empty(server.Requests);
        Assert.NotEmpty(shell.Host.Text);
        Assert.DoesNotContain(Canary.Token, shell.Host.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Send-MetalOtpSms")]
    [InlineData("Reset-MetalRecoveryCode")]
    public async Task What_if_comes_after_validation(string cmdlet)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl, token: "with blanks");

        Assert.Equal([MetalErrorIds.InvalidToken], shell.Run($"{cmdlet} -WhatIf @api").ErrorIds);
        Assert.Empty(shell.Host.Text);
    }
}
