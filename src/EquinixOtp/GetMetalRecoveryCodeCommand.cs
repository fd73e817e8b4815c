using System.Management.Automation;

namespace EquinixOtp;

/// <summary>Lists the user's recovery codes (<c>GET /user/otp/recovery-codes</c>).</summary>
[Cmdlet(VerbsCommon.Get, "MetalRecoveryCode")]
[OutputType(typeof(RecoveryCode), typeof(string))]
public sealed class GetMetalRecoveryCodeCommand : RecoveryCodeCmdlet
{
    private protected override string LostAnswer => string.Empty;

    private protected override void ProcessCall(string token) =>
        EmitCodes((client, observer, stop) => client.GetRecoveryCodesAsync(token, observer, stop));
}
