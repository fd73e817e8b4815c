using System.Runtime.Loader;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

public class ModuleTests
{
    [Fact]
    public void Manifest_is_valid()
    {
        using var shell = new Shell(import: false);

        var module = Assert.IsType<PSModuleInfo>(Assert.Single(shell.Run("Test-ModuleManifest $manifest").Success));

        Assert.Equal(Checkout.Version, module.Version.ToString());
        Assert.Equal(["Core", "Desktop"], module.CompatiblePSEditions);
        Assert.Equal(new Version(5, 1), module.PowerShellVersion);
    }

    [Fact]
    public void Exports_the_four_cmdlets_and_nothing_else()
    {
        using var shell = new Shell();

        var module = Assert.IsType<PSModuleInfo>(Assert.Single(shell.Run("Get-Module").Success));

        string[] cmdlets = ["Confirm-MetalOtp", "Get-MetalRecoveryCode", "Reset-MetalRecoveryCode", "Send-MetalOtpSms"];
        Assert.Equal("EquinixOtp", module.Name);
        Assert.Equal(cmdlets, module.ExportedCommands.Keys.Order());
        Assert.Equal(cmdlets, module.ExportedCmdlets.Keys.Order());
        Assert.Empty(module.ExportedVariables);
        Assert.Equal(cmdlets, shell.Run("(Get-Command -Module EquinixOtp).Name").Success.Order());
    }

    [Fact]
    public void Import_says_nothing()
    {
        using var shell = new Shell(import: false);

        Outcome outcome = shell.Run("$VerbosePreference = $DebugPreference = 'SilentlyContinue'; Import-Module $manifest");

        Assert.Empty(outcome.Success);
        Assert.Empty(outcome.Others);
        Assert.Empty(shell.Host.Text);
    }

    [Theory]
    [InlineData("Import-Module $manifest -Force; Import-Module $manifest -Force")]
    [InlineData("Import-Module $manifest; Import-Module $manifest")]
    [InlineData("Remove-Module EquinixOtp; Import-Module $manifest")]
    [InlineData("Import-Module $manifest -Prefix X; Import-Module $manifest -Force")]
    public async Task Works_after_being_imported_again(string script)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        _ = shell.Run("Get-MetalRecoveryCode @api").Success;

        _ = shell.Run(script).Success;

        Assert.Equal(10, shell.Run("Get-MetalRecoveryCode @api").Success.Count);
        _ = shell.RunInConsole("Get-MetalRecoveryCode @api").Success;
        Assert.Equal(10, shell.Host.Text.Split("******").Length - 1);
    }

    [Fact]
    public void Is_gone_after_being_removed()
    {
        using var shell = new Shell();

        _ = shell.Run("Remove-Module EquinixOtp").Success;

        Assert.Equal(["CommandNotFoundException"], shell.Run("Get-MetalRecoveryCode").ErrorIds);
        Assert.Empty(shell.Run("Get-Module").Success);
    }

    [Fact]
    public async Task Dependencies_load_apart_from_everybody_elses()
    {
        await using LoopbackServer server = LoopbackServer.Responding(_ => Response.Create(200, """{"recovery_codes":[]}"""));
        using var shell = new Shell(server.BaseUrl);
        _ = shell.Run("Get-MetalRecoveryCode @api").Success;

        var apart = AssemblyLoadContext.All.Single(context => context.Assemblies.Any(assembly => assembly.GetName().Name == "EquinixOtp.Client"));
        string?[] defaults = [.. AssemblyLoadContext.Default.Assemblies.Select(assembly => assembly.GetName().Name)];

        Assert.NotSame(AssemblyLoadContext.Default, apart);
        Assert.All(apart.Assemblies, assembly => Assert.StartsWith(Path.Combine(Checkout.Bin, "dependencies", "core"), assembly.Location, StringComparison.Ordinal));
        Assert.Contains("Flurl.Http", apart.Assemblies.Select(assembly => assembly.GetName().Name));
        Assert.Contains("EquinixOtp", defaults);
        Assert.DoesNotContain(defaults, name => name is "EquinixOtp.Client" or "Flurl" or "Flurl.Http" or "Polly.Core");
    }

    [Fact]
    public void Tests_lend_the_module_no_assembly()
    {
        string[] own = [.. Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Select(file => Path.GetFileName(file)!)];

        Assert.DoesNotContain(own, name => name is "EquinixOtp.dll" or "EquinixOtp.Client.dll" or "Flurl.dll" or "Flurl.Http.dll" or "Polly.Core.dll");
    }
}
