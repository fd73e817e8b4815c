using System.Diagnostics;
using System.Reflection;
using EquinixOtp.Tests;

namespace EquinixOtp.Benchmarks;

/// <summary>Runs a script of this project in the pwsh that the build restored.</summary>
internal static class Pwsh
{
    /// <summary>Returns the script's exit code.</summary>
    public static async Task<int> RunAsync(string script, string[] arguments)
    {
        string pwsh = typeof(Pwsh).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "Pwsh").Value!;
        string path = Path.Combine(CheckoutRoot.Path, "tests", "EquinixOtp.Benchmarks", script);
        string[] options = ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", path];
        var start = new ProcessStartInfo("dotnet", [pwsh, .. options, .. arguments]) { RedirectStandardInput = true };
        // Nothing leaves this machine.
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // The script measures a dotnet run.
        start.RemoveMSBuildVariables();

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
