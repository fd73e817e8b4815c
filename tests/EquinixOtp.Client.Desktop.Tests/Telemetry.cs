namespace EquinixOtp.Tests;

/// <summary>
/// Replaces the listeners of tests/Shared: the netstandard2.0 build cannot turn off the diagnostics of .NET's handler, and .NET Framework
/// has none.
/// </summary>
internal static class Telemetry
{
    public static IReadOnlyCollection<string> Leaks => [];
}
