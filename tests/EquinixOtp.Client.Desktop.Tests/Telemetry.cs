namespace EquinixOtp.Tests;

/// <summary>
/// In place of the listeners of tests/Shared: .NET's handler announces each request to them unless told otherwise, which the
/// netstandard2.0 build cannot do. .NET Framework has no such announcements.
/// </summary>
internal static class Telemetry
{
    public static IReadOnlyCollection<string> Leaks => [];
}
