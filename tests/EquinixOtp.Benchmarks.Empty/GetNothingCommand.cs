using System.Management.Automation;

namespace EquinixOtp.Benchmarks.Empty;

/// <summary>The only cmdlet of a minimal binary module.</summary>
[Cmdlet(VerbsCommon.Get, "Nothing")]
public sealed class GetNothingCommand : Cmdlet;
