using System.Text.RegularExpressions;
using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

/// <summary>The playground with the module that EQUINIXOTP_MANIFEST names.</summary>
public sealed class InstalledModuleTests : IDisposable
{
    private readonly DirectoryInfo _module = Directory.CreateTempSubdirectory();

    public void Dispose() => _module.Delete(recursive: true);

    [Fact]
    public async Task Playground_imports_the_module_of_the_manifest()
    {
        string module = Path.Combine(CheckoutRoot.Path, "bin");
        foreach (string file in Directory.GetFiles(module, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_module.FullName, "bin", Path.GetRelativePath(module, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string manifest = File.ReadAllText(Path.Combine(CheckoutRoot.Path, "EquinixOtp.psd1"));

        PlaygroundProcess.Result result = await RunAsync(Regex.Replace(manifest, @"(ModuleVersion\s*=\s*)'[^']+'", "$1'98.7.6'"));

        Assert.Equal(new(0, "98.7.6, 10 codes\n", string.Empty), result);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("@{ ModuleVersion = '1.0'; RootModule = 'missing.dll' }")]
    public async Task Missing_or_broken_module_is_an_error(string? manifest)
    {
        PlaygroundProcess.Result result = await RunAsync(manifest);

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
    }

    private async Task<PlaygroundProcess.Result> RunAsync(string? manifest)
    {
        string path = Path.Combine(_module.FullName, "EquinixOtp.psd1");
        if (manifest is not null)
        {
            await File.WriteAllTextAsync(path, manifest, TestContext.Current.CancellationToken);
        }

        using var script = new TemporaryScript("\"$((Get-Module EquinixOtp).Version), $((Get-MetalRecoveryCode).Count) codes\"");
        return await PlaygroundProcess.RunAsync(new Dictionary<string, string> { ["EQUINIXOTP_MANIFEST"] = path }, script.Path);
    }
}
