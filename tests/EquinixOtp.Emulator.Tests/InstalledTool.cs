using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using EquinixOtp.Emulator.Tests;
using EquinixOtp.Tests;

[assembly: AssemblyFixture(typeof(InstalledTool))]

namespace EquinixOtp.Emulator.Tests;

/// <summary>The package, made from what was built, and installed from a folder feed into an empty tool path.</summary>
public sealed class InstalledTool : IAsyncLifetime
{
    internal const string PackCommand = "dotnet pack src/EquinixOtp.Emulator";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    internal static string PowerShell { get; } = typeof(InstalledTool).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "PowerShell").Value!;

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
        if (!OperatingSystem.IsWindows())
        {
            // Examples call pwsh, which need not be installed.
            string shim = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.FullName, "bin")).FullName, "pwsh");
            await File.WriteAllTextAsync(shim, $"#!/bin/sh\nexec dotnet '{PowerShell}' \"$@\"\n", Stop);
            File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        // Whatever packing writes goes to the folder: other tests are using what was built.
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

    /// <summary>An empty working folder in which NuGet knows the folder feed alone.</summary>
    internal string CreateWorkingFolder() =>
        Directory.CreateDirectory(Path.Combine(_folder.FullName, Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Starts a program that finds the tool on its PATH, and keeps its packages and tools in the folder.</summary>
    internal Process Start(string workingFolder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Set by the dotnet that runs the tests, these would have another one use its MSBuild.
        foreach (string variable in start.Environment.Keys.ToArray())
        {
            if (variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(variable);
            }
        }

        if (workingFolder != CheckoutRoot.Path)
        {
            start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages");
            start.Environment["DOTNET_CLI_HOME"] = Path.Combine(_folder.FullName, "home");
        }

        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["NO_COLOR"] = "1";
        start.Environment["RUNNER_TEMP"] = start.Environment["AGENT_TEMPDIRECTORY"] = Path.Combine(workingFolder, "temp");
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["PATH"] = string.Join(
            Path.PathSeparator, ToolPath, Path.Combine(_folder.FullName, "bin"), dotnet, Environment.GetEnvironmentVariable("PATH"));
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs a program to its end, and returns what it wrote to standard output.</summary>
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
