using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>The files under test, where the build has put them.</summary>
internal static class Checkout
{
    public static string Root { get; } = CheckoutRoot.Path;

    public static string Manifest { get; } = Path.Combine(Root, "EquinixOtp.psd1");

    public static string Bin { get; } = Path.Combine(Root, "bin");

    /// <summary>The version that PowerShell shows, without the prerelease label.</summary>
    public static string Version { get; } = ReadManifest("ModuleVersion");

    /// <summary>The version of the package, such as <c>1.0.0-preview1</c>.</summary>
    public static string PackageVersion { get; } = $"{Version}-{ReadManifest("Prerelease")}".TrimEnd('-');

    // The engine reports its use to its makers unless told otherwise before it starts. Tests keep to loopback.
    [ModuleInitializer]
    internal static void OptOutOfTelemetry() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    private static string ReadManifest(string key) =>
        Regex.Match(File.ReadAllText(Manifest), $@"\b{key}\s*=\s*'([^']+)'").Groups[1].Value;
}
