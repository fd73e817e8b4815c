using System.Diagnostics;
using System.Text.RegularExpressions;
using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

/// <summary>Runs the "Use it" block of the README and the runbooks unchanged in the playground.</summary>
public sealed class DocumentTests : IDisposable
{
    private const string Table = "accounts.csv";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public static TheoryData<string, string[]> Runbooks => new()
    {
        { "Confirm-SecondFactor.ps1", [] },
        { "Confirm-Account.ps1", ["-Path", Table, "-Vault", "Recovery"] },
        { "Measure-RecoveryCode.ps1", ["-Path", Table, "-Vault", "Recovery"] },
        { "Save-RecoveryCode.ps1", ["-Vault", "Recovery"] },
        { "Read-RecoveryCode.ps1", ["-Vault", "Recovery", "-Name", "codes"] },
        { "Update-RecoveryCode.ps1", ["-Vault", "Recovery"] },
        { "Start-AzureAutomation.ps1", ["-KeyVault", "kv", "-SubscriptionId", "42", "-TokenAsset", "token", "-TotpAsset", "totp"] },
        { "Test-Runbook.ps1", ["-Runbook", "Confirm-SecondFactor.ps1"] },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Readme_block_succeeds_with_the_received_code_as_input()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(CheckoutRoot.Path, "README.md"), TestContext.Current.CancellationToken);
        Match match = Regex.Match(
            readme.ReplaceLineEndings("\n"), @"## Use it with the real API\n.*?```powershell\n(.*?)```", RegexOptions.Singleline);
        string block = match.Groups[1].Value;
        Assert.Contains("Read-Host", block, StringComparison.Ordinal);
        using var script = new TemporaryScript($"Set-Location '{CheckoutRoot.Path}'\n$ErrorActionPreference = 'Stop'\n{block}");
        using Process process = PlaygroundProcess.Start(new Dictionary<string, string>(), script.Path);

        string? sms = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteLineAsync(sms!.Replace("SMS: ", string.Empty, StringComparison.Ordinal));
        PlaygroundProcess.Result result = await PlaygroundProcess.ReadAsync(process);

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.Contains("ConfirmedAt", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_runbook_is_tested() =>
        Assert.Equal(
            Directory.GetFiles(Path.Combine(CheckoutRoot.Path, "docs", "runbooks"), "*.ps1").Select(Path.GetFileName).Order(),
            Runbooks.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Runbooks))]
    public async Task Runbook_succeeds(string runbook, string[] arguments)
    {
        // One row, because the emulator has one account and accepts a TOTP code once.
        string table = Path.Combine(_folder.FullName, "accounts.csv");
        await File.WriteAllTextAsync(table, "Name,TokenSecret,TotpSecret\nproduction,token,totp\n", TestContext.Current.CancellationToken);
        using var script = new TemporaryScript(
            $$"""
            Set-Location '{{Path.Combine(CheckoutRoot.Path, "docs", "runbooks")}}'
            Import-Module Microsoft.PowerShell.SecretManagement
            Set-Secret codes Recovery -Secret "first`nsecond"
            foreach ($vault in 'Recovery', 'Assets') {
                Set-Secret token $vault -Secret $env:METAL_AUTH_TOKEN
                Set-Secret totp $vault -Secret $env:METAL_TOTP_SECRET
            }
            & ./{{runbook}} @args
            exit $LASTEXITCODE
            """);
        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(
            new Dictionary<string, string>
            {
                ["PSModulePath"] = Path.Combine(CheckoutRoot.Path, "tests", "Pester", "StandIns"),
                ["STANDIN_VAULTS"] = _folder.FullName,
            },
            [script.Path, .. arguments.Select(argument => argument == Table ? table : argument)]);

        Assert.True(result.ExitCode == 0, result.All);
        Assert.Empty(result.Error);
    }
}
