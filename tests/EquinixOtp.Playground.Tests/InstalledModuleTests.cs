using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

/// <summary>The tour with a module that lies elsewhere than in the checkout, as an installer lays it.</summary>
public sealed class InstalledModuleTests : IDisposable
{
    private readonly DirectoryInfo _modules = Directory.CreateTempSubdirectory();

    public void Dispose() => _modules.Delete(recursive: true);

    [Fact]
    public async Task The_tour_runs_with_the_module_that_the_environment_names()
    {
        string manifest = Install();

        PlaygroundProcess.Result tour = await PlaygroundProcess.RunWithAsync(manifest);
        string script = await PlaygroundProcess.WriteScriptAsync("[EquinixOtp.MetalErrorId].Assembly.Location");
        PlaygroundProcess.Result location = await PlaygroundProcess.RunWithAsync(manifest, script);
        File.Delete(script);

        Assert.Equal(0, tour.ExitCode);
        Assert.Matches(@"\n\n(\d+) of \1 steps [^\n]+\n$", tour.Output);
        Assert.Equal(0, location.ExitCode);
        Assert.Contains($"\n{Path.Combine(Path.GetDirectoryName(manifest)!, "bin", "EquinixOtp.dll")}\n", location.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_such_a_module_nothing_runs()
    {
        PlaygroundProcess.Result result = await PlaygroundProcess.RunWithAsync(Path.Combine(_modules.FullName, "EquinixOtp.psd1"));

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.NotEmpty(result.Error);
    }

    private string Install()
    {
        DirectoryInfo checkout = new(CheckoutRoot.Path);
        string module = _modules.CreateSubdirectory("EquinixOtp").FullName;
        string manifest = Path.Combine(module, "EquinixOtp.psd1");
        File.Copy(Path.Combine(checkout.FullName, "EquinixOtp.psd1"), manifest);
        foreach (FileInfo file in checkout.CreateSubdirectory("bin").GetFiles("*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(module, Path.GetRelativePath(checkout.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }

        return manifest;
    }
}
