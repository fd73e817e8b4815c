namespace EquinixOtp.Tests;

/// <summary>Prompts, which need a host that answers them.</summary>
public class ShouldProcessTests
{
    [Theory]
    [InlineData("Send-MetalOtpSms -Confirm @api", "Yes", 1)]
    [InlineData("Send-MetalOtpSms -Confirm @api", "No", 0)]
    [InlineData("$ConfirmPreference = 'Low'; Send-MetalOtpSms @api", "No", 0)]
    [InlineData("Reset-MetalRecoveryCode @api", "Yes", 1)]
    [InlineData("Reset-MetalRecoveryCode @api", "No", 0)]
    [InlineData("Reset-MetalRecoveryCode -Confirm @api", "No", 0)]
    public async Task Cmdlet_follows_the_response_to_the_prompt(string script, string answer, int calls)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":["a1b2c-d3e4f"]}""");
        using var shell = new Shell(server.BaseUrl);
        shell.Host.AnswerNext(answer);

        _ = shell.Run(script).Success;

        Assert.Single(shell.Host.Prompts);
        Assert.Equal(calls, server.Requests.Count);
    }

    [Fact]
    public async Task Yes_to_all_applies_to_the_whole_pipeline()
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
}
