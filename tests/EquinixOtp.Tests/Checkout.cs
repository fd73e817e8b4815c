using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

/// <summary>The files under test, where the build puts them.</summary>
internal static class Checkout
{
    public static string Root { get; } = CheckoutRoot.Path;

    public static string Manifest { get; } = Path.Combine(Root, "EquinixOtp.psd1");

    public static string Bin { get; } = Path.Combine(Root, "bin");

    // Read when the engine starts. Tests use loopback only.
    [ModuleInitializer]
    internal static void OptOutOfTelemetry() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
}
