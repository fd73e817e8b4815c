using System.Management.Automation;
using System.Security;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>Verifies the user by an OTP, or by the current code of a TOTP secret (<c>POST /user/otp/verify/{otp}</c>).</summary>
[Cmdlet(
    VerbsLifecycle.Confirm, "MetalOtp",
    DefaultParameterSetName = OtpSet,
    SupportsShouldProcess = true,
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/findEnsureOtp")]
[OutputType(typeof(OtpConfirmation), typeof(bool))]
public sealed class ConfirmMetalOtpCommand : MetalCmdlet
{
    private const string OtpSet = "Otp";
    private const string TotpSet = "Totp";

    /// <summary>The OTP: text, a whole number or a SecureString. Quote text: an unquoted number can lose its leading zeros.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ParameterSetName = OtpSet,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        HelpMessage = "The one-time password, from the SMS or the authenticator app.")]
    [Alias("Code")]
    [AllowNull]
    [OtpTransformation]
    public SecureString? Otp { get; set; }

    /// <summary>The TOTP secret: base32, or an <c>otpauth://totp/</c> URI. The code is computed on this machine.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = TotpSet,
        HelpMessage = "The secret of the authenticator's set-up page, in base32 or as an otpauth://totp/ URI.")]
    [SecretTransformation]
    public SecureString? TotpSecret { get; set; }

    /// <summary>Emit true, or false for a rejected OTP, instead of an object or an error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override string UnknownOutcome =>
        "The OTP may have been accepted, and an OTP works only once. Confirm with a new one.";

    private protected override void ProcessCall()
    {
        if (!ShouldProcess($"the user at {Identity.ApiUrl.Authority}", "Confirm by an OTP, which works only once"))
        {
            return;
        }

        OtpVerification verification;
        try
        {
            verification = Call((client, observer, stop) => TotpSecret is null
                ? client.VerifyAsync(Otp!, observer, stop)
                : client.VerifyTotpAsync(TotpSecret, observer, stop));
        }
        catch (MetalOtpException e) when (Quiet && e.Kind == MetalOtpErrorKind.OtpRejected)
        {
            WriteObject(false);
            return;
        }

        WriteObject(Quiet ? true : new OtpConfirmation(
            Identity.ApiUrl,
            verification.SessionToken is { } session ? session.ToSecureString() : null)
        {
            ConfirmingToken = Identity.Token,
            RequestId = verification.RequestId,
        });
    }
}
