using System.Management.Automation;

namespace EquinixOtp;

/// <summary>Sends an OTP to the user's phone (<c>POST /user/otp/sms/receive</c>).</summary>
[Cmdlet(
    VerbsCommunications.Send, "MetalOtpSms",
    SupportsShouldProcess = true,
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/receiveCodes")]
[OutputType(typeof(void))]
public sealed class SendMetalOtpSmsCommand : ConfirmedUserCmdlet
{
    private protected override string UnknownOutcome => "The SMS may have been sent. Wait for it before you request another.";

    private protected override void ProcessCall()
    {
        if (ShouldProcess($"the phone of the user at {Identity.ApiUrl.Authority}", "Send an OTP by SMS"))
        {
            Call(async (client, observer, stop) =>
            {
                await client.SendSmsAsync(observer, stop).ConfigureAwait(false);
                return true;
            });
        }
    }
}
