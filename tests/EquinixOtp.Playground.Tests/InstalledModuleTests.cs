using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

/// <summary>The playground with a module that lies elsewhere than in the checkout, as an installer lays it.</summary>
public sealed class InstalledModuleTests : IDisposable
{
    private readonly DirectoryInfo _modules = Directory.CreateTempSubdirectory();

    public void Dispose() => _modules.Delete(recursive: true);

    [Fact]
    public async Task Playground_imports_the_module_that_the_environment_names()
    {
        Dictionary<string, string> environment = new() { ["EQUINIXOTP_MANIFEST"] = Install("98.7.6") };
        using var script = new TemporaryScript("\"$((Get-Module EquinixOtp).Version), $((Get-MetalRecoveryCode).Count) codes\"");

        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(environment, script.Path);

        Assert.Equal(new(0, "98.7.6, 10 codes\n", string.Empty), result);
    }

    [Fact]
    public async Task Missing_manifest_is_an_error()
    {
        Dictionary<string, string> environment = new() { ["EQUINIXOTP_MANIFEST"] = Path.Combine(_modules.FullName, "EquinixOtp.psd1") };

        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(environment);

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
    }

    [Fact]
    public async Task Module_that_does_not_import_is_an_error()
    {
        string manifest = Path.Combine(_modules.FullName, "EquinixOtp.psd1");
        const string Text = "@{ ModuleVersion = '1.0'; RootModule = 'missing.dll' }";
        await File.WriteAllTextAsync(manifest, Text, TestContext.Current.CancellationToken);
        using var script = new TemporaryScript("'not reached'");

        PlaygroundProcess.Result result = await PlaygroundProcess.RunAsync(
            new Dictionary<string, string> { ["EQUINIXOTP_MANIFEST"] = manifest }, script.Path);

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
    }

    private string Install(string version)
    {
        DirectoryInfo checkout = new(CheckoutRoot.Path);
        string module = _modules.CreateSubdirectory("EquinixOtp").FullName;
        foreach (FileInfo file in checkout.CreateSubdirectory("bin").GetFiles("*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(module, Path.GetRelativePath(checkout.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }

        string manifest = Path.Combine(module, "EquinixOtp.psd1");
        string text = File.ReadAllText(Path.Combine(checkout.FullName, "EquinixOtp.psd1"));
        File.WriteAllText(manifest, System.Text.RegularExpressions.Regex.Replace(text, @"(ModuleVersion\s*=\s*)'[^']+'", $"$1'{version}'"));
        return manifest;
    }
}
