using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>The files under test, where the build puts them.</summary>
internal static class Checkout
{
    public static string Root { get; } = CheckoutRoot.Path;

    public static string Manifest { get; } = Path.Combine(Root, "EquinixOtp.psd1");

    public static string Bin { get; } = Path.Combine(Root, "bin");

    /// <summary>The version of the package, for example <c>1.0.0-preview1</c>.</summary>
    public static string PackageVersion { get; } = $"{ReadManifest("ModuleVersion")}-{ReadManifest("Prerelease")}".TrimEnd('-');

    // Read when the engine starts. Tests use loopback only.
    [ModuleInitializer]
    internal static void OptOutOfTelemetry() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    private static string ReadManifest(string key) =>
        Regex.Match(File.ReadAllText(Manifest), $@"\b{key}\s*=\s*'([^']+)'").Groups[1].Value;
}
