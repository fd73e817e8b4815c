using System.Management.Automation;

namespace EquinixOtp;

/// <summary>Has an OTP sent to the user's phone (<c>POST /user/otp/sms/receive</c>).</summary>
[Cmdlet(
    VerbsCommunications.Send, "MetalOtpSms",
    SupportsShouldProcess = true,
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/receiveCodes")]
[OutputType(typeof(void))]
public sealed class SendMetalOtpSmsCommand : ConfirmedUserCmdlet
{
    private protected override string LostAnswer => "The SMS may have been sent: wait for it before asking for another.";

    private protected override void ProcessCall(string token)
    {
        if (ShouldProcess("the phone of the token's user", "Send an OTP by SMS"))
        {
            Call(async (client, observer, stop) =>
            {
                await client.SendSmsAsync(token, observer, stop).ConfigureAwait(false);
                return true;
            });
        }
    }
}
