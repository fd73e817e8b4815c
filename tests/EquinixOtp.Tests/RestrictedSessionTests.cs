using System.Management.Automation.Runspaces;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Sessions with restricted language or commands.</summary>
public class RestrictedSessionTests
{
    [Fact]
    public async Task Cmdlets_work_in_constrained_language()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(state => state.LanguageMode = PSLanguageMode.ConstrainedLanguage);
        shell.SetApi(emulator.Url, Canary.Token);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        Assert.Equal(["ConstrainedLanguage"], shell.Run("\"$($ExecutionContext.SessionState.LanguageMode)\"").Success);
        Assert.Equal([true], shell.Run("Confirm-MetalOtp -TotpSecret $secret -Quiet @api").Success);
        Assert.Equal(emulator.Accounts[0].RecoveryCodes, shell.Run("Get-MetalRecoveryCode -AsPlainText @api").Success);
        Assert.Equal(10, shell.Run("Reset-MetalRecoveryCode -Confirm:$false @api").Success.Count);
        Assert.Empty(shell.Run("Send-MetalOtpSms @api").Success);
    }

    [Fact]
    public async Task Views_work_in_constrained_language()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync(sessionTokens: true);
        using var shell = new Shell(state => state.LanguageMode = PSLanguageMode.ConstrainedLanguage);
        shell.SetApi(emulator.Url, Canary.Token);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        _ = shell.RunInConsole("Confirm-MetalOtp -TotpSecret $secret @api").Success;
        _ = shell.RunInConsole("Get-MetalRecoveryCode @api").Success;

        Assert.Equal(11, shell.Host.Text.Split("******").Length - 1);
    }

    [Fact]
    public async Task Errors_are_caught_by_id_in_constrained_language()
    {
        await using LoopbackServer server = LoopbackServer.Responding(424, """{"errors":["Invalid OTP"]}""");
        using var shell = new Shell(state => state.LanguageMode = PSLanguageMode.ConstrainedLanguage);
        shell.SetApi(server.BaseUrl, Canary.Token);

        Assert.Equal(
            ["OtpRejected,EquinixOtp.ConfirmMetalOtpCommand"],
            shell.Run("try { Confirm-MetalOtp 123456 @api -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }").Success);
        Assert.Equal(
            ["OtpRejected,EquinixOtp.ConfirmMetalOtpCommand"],
            shell.Run("""
                try { Confirm-MetalOtp 123456 @api -ErrorAction Stop }
                catch [EquinixOtp.MetalApiException] { $_.FullyQualifiedErrorId }
                """).Success);
    }

    /// <summary>Like an endpoint of Just Enough Administration: no language, and no other commands.</summary>
    [Theory]
    [InlineData(PSLanguageMode.NoLanguage)]
    [InlineData(PSLanguageMode.RestrictedLanguage)]
    public async Task Cmdlets_work_where_no_other_command_is_visible(PSLanguageMode mode)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(
            state =>
            {
                state.ImportPSModule([Checkout.Manifest]);
                state.LanguageMode = mode;
                foreach (SessionStateCommandEntry command in state.Commands)
                {
                    command.Visibility = SessionStateEntryVisibility.Private;
                }
            },
            import: false);

        Assert.Empty(Invoke("Send-MetalOtpSms"));
        Assert.Equal([true], Invoke("Confirm-MetalOtp", ("Otp", emulator.Accounts[0].SmsCodes[0]), ("Quiet", true)));
        Assert.Equal(emulator.Accounts[0].RecoveryCodes, Invoke("Get-MetalRecoveryCode", ("AsPlainText", true)));
        Assert.Equal(10, Invoke("Reset-MetalRecoveryCode", ("Confirm", false)).Count);
        Assert.Throws<CommandNotFoundException>(() => Invoke("Get-Command"));

        List<object?> Invoke(string cmdlet, params (string Name, object Value)[] parameters)
        {
            using PowerShell call = PowerShell.Create(shell.Runspace).AddCommand(cmdlet);
            if (cmdlet.Contains("-Metal", StringComparison.Ordinal))
            {
                call.AddParameter("Token", Secret.Secure(Canary.Token)).AddParameter("ApiUrl", emulator.Url);
            }

            foreach ((string name, object value) in parameters)
            {
                call.AddParameter(name, value);
            }

            List<object?> output = [.. call.Invoke().Select(item => item?.BaseObject)];
            Assert.Empty(call.Streams.Error);
            return output;
        }
    }
}
