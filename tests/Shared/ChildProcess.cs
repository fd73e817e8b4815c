using System.Diagnostics;

namespace EquinixOtp.Tests;

/// <summary>Processes that the tests start.</summary>
internal static class ChildProcess
{
    /// <summary>
    /// Removes the variables of MSBuild. They are set by the dotnet that runs this process, and make another dotnet use the same MSBuild.
    /// </summary>
    public static void RemoveMSBuildVariables(this ProcessStartInfo start)
    {
        string[] variables = [.. start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))];
        foreach (string variable in variables)
        {
            start.Environment.Remove(variable);
        }
    }
}
