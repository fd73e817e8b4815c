namespace System.Runtime.CompilerServices;

/// <summary>
/// The compiler needs this type for init-only properties and records, and netstandard2.0 lacks it. Written by hand: packages that
/// generate it order their output differently each time, and the same sources must give the same bytes.
/// </summary>
internal static class IsExternalInit;
