using System.Management.Automation;

namespace EquinixOtp.Benchmarks.Empty;

/// <summary>The least that a binary module can be.</summary>
[Cmdlet(VerbsCommon.Get, "Nothing")]
public sealed class GetNothingCommand : Cmdlet;
