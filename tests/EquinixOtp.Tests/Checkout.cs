using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>The files under test, where the build has put them.</summary>
internal static class Checkout
{
    public static string Root { get; } = CheckoutRoot.Path;

    public static string Manifest { get; } = Path.Combine(Root, "EquinixOtp.psd1");

    public static string Bin { get; } = Path.Combine(Root, "bin");

    public static string Version { get; } =
        Regex.Match(File.ReadAllText(Manifest), @"ModuleVersion\s*=\s*'([^']+)'").Groups[1].Value;

    // The engine reports its use to its makers unless told otherwise before it starts. Tests keep to loopback.
    [ModuleInitializer]
    internal static void OptOutOfTelemetry() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
}
