using System.Management.Automation;

namespace EquinixOtp;

/// <summary>Lists the user's recovery codes (<c>GET /user/otp/recovery-codes</c>).</summary>
[Cmdlet(
    VerbsCommon.Get, "MetalRecoveryCode",
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/findRecoveryCodes")]
[OutputType(typeof(RecoveryCode), typeof(string))]
public sealed class GetMetalRecoveryCodeCommand : RecoveryCodeCmdlet
{
    private protected override string UnknownOutcome => string.Empty;

    private protected override void ProcessCall() =>
        EmitCodes((client, observer, stop) => client.GetRecoveryCodesAsync(observer, stop));
}
