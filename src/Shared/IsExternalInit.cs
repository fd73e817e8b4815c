namespace System.Runtime.CompilerServices;

/// <summary>
/// What the compiler needs for init-only properties and records, and netstandard2.0 lacks. By hand, since the packages that
/// generate it do so in another order each time, and then no two builds are alike.
/// </summary>
internal static class IsExternalInit;
