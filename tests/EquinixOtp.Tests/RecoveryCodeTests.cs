using System.Security;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Get-MetalRecoveryCode and Reset-MetalRecoveryCode.</summary>
public class RecoveryCodeTests
{
    private const string Get = "Get-MetalRecoveryCode @api";
    private const string Reset = "Reset-MetalRecoveryCode -Confirm:$false @api";

    [Theory]
    [InlineData(Get, "GET")]
    [InlineData(Reset, "POST")]
    public async Task Makes_its_one_call(string script, string method)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
        using var shell = new Shell(server.BaseUrl);

        _ = shell.Run(script).Success;

        RecordedRequest request = Assert.Single(server.Requests);
        Assert.Equal((method, "/metal/v1/user/otp/recovery-codes"), (request.Method, request.Target));
        Assert.Equal(Canary.Token, request.Header("X-Auth-Token"));
        Assert.Equal("application/json", request.Header("Accept"));
        Assert.Equal($"EquinixOtp/{Checkout.PackageVersion} PowerShell/{shell.Run("[string]$PSVersionTable.PSVersion").Success[0]}", request.Header("User-Agent"));
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Reset)]
    public async Task Emits_numbered_secure_codes(string script)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        Outcome outcome = shell.Run($"$codes = {script}; $codes[0].GetType().FullName; $codes.Index; $codes.Code");

        Assert.Equal("EquinixOtp.RecoveryCode", outcome.Success[0]);
        Assert.Equal(Enumerable.Range(1, 10), outcome.Output.Skip(1).Take(10).Cast<int>());
        Assert.Equal(emulator.Accounts[0].RecoveryCodes, outcome.Output.Skip(11).Select(Secret.Plain));
        Assert.All(outcome.Output.Skip(11), code => Assert.True(((SecureString)code!).IsReadOnly()));
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Reset)]
    public async Task Emits_strings_as_plain_text(string script)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        Assert.Equal(emulator.Accounts[0].RecoveryCodes.Count, shell.Run(script + " -AsPlainText").Success.OfType<string>().Count());
        Assert.Equal(emulator.Accounts[0].RecoveryCodes, shell.Run(Get + " -AsPlainText").Success);
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Reset)]
    public async Task Emits_nothing_for_an_empty_list(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell(server.BaseUrl);

        Assert.Empty(shell.Run(script).Success);
    }

    [Fact]
    public async Task Reset_replaces_the_codes()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        IReadOnlyList<string> old = emulator.Accounts[0].RecoveryCodes;

        IReadOnlyList<object?> fresh = shell.Run(Reset + " -AsPlainText").Success;

        Assert.Empty(fresh.Intersect(old));
        Assert.Equal(emulator.Accounts[0].RecoveryCodes, fresh);
    }
}
