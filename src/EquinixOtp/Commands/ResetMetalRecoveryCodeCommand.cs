using System.Management.Automation;

namespace EquinixOtp;

/// <summary>Replaces the user's recovery codes and lists the new ones (<c>POST /user/otp/recovery-codes</c>).</summary>
[Cmdlet(
    VerbsCommon.Reset, "MetalRecoveryCode",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/regenerateCodes")]
[OutputType(typeof(RecoveryCode), typeof(string))]
public sealed class ResetMetalRecoveryCodeCommand : RecoveryCodeCmdlet
{
    private protected override string UnknownOutcome =>
        "The codes may have been replaced. To see the current codes, run Get-MetalRecoveryCode.";

    private protected override void ProcessCall()
    {
        if (ShouldProcess($"all recovery codes of the user at {Identity.ApiUrl.Authority}", "Replace"))
        {
            EmitCodes((client, observer, stop) => client.ResetRecoveryCodesAsync(observer, stop));
        }
    }
}
