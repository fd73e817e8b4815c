using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>What a console shows of what the cmdlets emit.</summary>
public class ViewTests
{
    [Theory]
    [InlineData("Get-MetalRecoveryCode @api")]
    [InlineData("Reset-MetalRecoveryCode -Confirm:$false @api")]
    public async Task Codes_are_a_masked_table(string script)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        _ = shell.RunInConsole(script).Success;

        string[] lines = [.. shell.Host.Text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.Equal(["Index", "Code"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"{i,-6}******"), lines.Skip(2));
    }

    [Theory]
    [InlineData(false, "none")]
    [InlineData(true, "******")]
    public async Task Confirmation_is_a_list_that_says_whether_a_token_came(bool sessionTokens, string shown)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync(sessionTokens);
        using var shell = new Shell(emulator.Url);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        _ = shell.RunInConsole("$c = Confirm-MetalOtp -TotpSecret $secret @api; $c").Success;

        string[][] lines = [.. shell.Host.Text.Split('\n').Where(line => line.Contains(':', StringComparison.Ordinal)).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))];
        Assert.Equal(["ConfirmedAt", "SessionToken", "RequestId"], lines.Select(line => line[0]));
        Assert.Equal(shown, lines[1][1]);
        Assert.Equal(shell.Run("$c.RequestId").Success[0], lines[2][1]);
    }

    [Fact]
    public async Task Text_of_the_objects_holds_no_secret()
    {
        await using LoopbackServer server = LoopbackServer.Responding(request => request.Method == "POST"
            ? Response.Create(200, $$"""{"token":"{{Canary.SessionToken}}"}""")
            : Response.Create(200, $$"""{"recovery_codes":["{{Canary.RecoveryCodes[0]}}"]}"""));
        using var shell = new Shell(server.BaseUrl);

        IReadOnlyList<object?> texts = shell.Run("""
            $all = @(Confirm-MetalOtp 123456 @api; Get-MetalRecoveryCode @api)
            foreach ($item in $all) { "$item"; [string]$item; $item.ToString(); $item.GetHashCode(); foreach ($p in $item.psobject.Properties) { "$($p.Value)" } }
            """).Success;

        Assert.DoesNotContain(texts, text => $"{text}".Contains("canary", StringComparison.Ordinal));
    }
}
