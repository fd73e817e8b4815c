using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using EquinixOtp.Tests;

namespace EquinixOtp.Emulator.Tests;

/// <summary>Packs the built tool and installs it from a folder feed into an empty tool path.</summary>
public sealed class InstalledTool : IAsyncLifetime
{
    internal const string PackCommand = "dotnet pack src/EquinixOtp.Emulator";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    internal static string PowerShell { get; } = typeof(InstalledTool).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Pwsh").Value!;

    internal string Feed => Path.Combine(_folder.FullName, "feed");

    internal string ToolPath => Path.Combine(_folder.FullName, "tools");

    internal string Command => Path.Combine(ToolPath, OperatingSystem.IsWindows() ? "metal-otp-emulator.exe" : "metal-otp-emulator");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "NuGet.Config"),
            $"<configuration><packageSources><clear /><add key=\"feed\" value=\"{Feed}\" /></packageSources></configuration>",
            Stop);
        // Everything that packing writes goes to the folder, because other tests use the build output.
        string[] pack = [.. PackCommand.Split(' ')[1..], "--no-build", "--no-restore", "--nodereuse:false", "-o", Feed,
            $"-p:PublishDir={_folder.FullName}/publish/", $"-p:NuspecOutputPath={_folder.FullName}/nuspec/"];
        await RunAsync(CheckoutRoot.Path, "dotnet", pack);
        await RunAsync(_folder.FullName, "dotnet", "tool", "install", "EquinixOtp.Emulator", "--prerelease", "--tool-path", ToolPath);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Creates an empty working folder in which the folder feed is the only package source.</summary>
    internal string CreateWorkingFolder() =>
        Directory.CreateDirectory(Path.Combine(_folder.FullName, Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Starts a program with the tool in its PATH and with its own folders for NuGet packages and tools.</summary>
    internal Process Start(string workingFolder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.RemoveMSBuildVariables();
        if (workingFolder != CheckoutRoot.Path)
        {
            start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages");
            start.Environment["DOTNET_CLI_HOME"] = Path.Combine(_folder.FullName, "home");
        }

        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["NO_COLOR"] = "1";
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["PATH"] = string.Join(
            Path.PathSeparator, ToolPath, dotnet, Environment.GetEnvironmentVariable("PATH"));
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs a program until it exits successfully and returns its standard output.</summary>
    internal async Task<string> RunAsync(string workingFolder, string program, params string[] arguments)
    {
        using Process process = Start(workingFolder, program, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(Stop);
        Task<string> error = process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop).WaitAsync(TimeSpan.FromMinutes(3), Stop);
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await output}\n{await error}");
        return await output;
    }
}

/// <summary>The tests that use the installed tool. The others run without packing it.</summary>
[CollectionDefinition]
public sealed class InstalledToolTests : ICollectionFixture<InstalledTool>;
