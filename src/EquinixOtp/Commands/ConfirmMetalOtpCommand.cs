using System.Management.Automation;
using System.Security;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>Verifies the user by an OTP, or by the current code of a TOTP secret (<c>POST /user/otp/verify/{otp}</c>).</summary>
[Cmdlet(
    VerbsLifecycle.Confirm, "MetalOtp",
    DefaultParameterSetName = OtpSet,
    HelpUri = "https://docs.equinix.com/api-catalog/metalv1/#tag/OTPs/operation/findEnsureOtp")]
[OutputType(typeof(OtpConfirmation), typeof(bool))]
public sealed class ConfirmMetalOtpCommand : MetalCmdlet
{
    private const string OtpSet = "Otp";
    private const string TotpSet = "Totp";

    /// <summary>The OTP. Quote it: a number loses its leading zeros.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ParameterSetName = OtpSet,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true,
        HelpMessage = "The one-time password, from the SMS or the authenticator app.")]
    [Alias("Code")]
    [AllowNull]
    [AllowEmptyString]
    [OtpInput]
    public string? Otp { get; set; }

    /// <summary>The TOTP secret: base32, or an <c>otpauth://totp/</c> URI. The code is made on this machine.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = TotpSet,
        HelpMessage = "The secret of the authenticator's set-up page, in base32 or as an otpauth://totp/ URI.")]
    [SecretInput]
    public SecureString? TotpSecret { get; set; }

    /// <summary>Emit true, or false for a rejected OTP, in place of an object and an error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override string LostAnswer =>
        "The OTP may have been accepted, and each works only once: confirm with a new one.";

    private protected override void ProcessCall(string token)
    {
        OtpVerification verification;
        try
        {
            verification = Call((client, observer, stop) => TotpSecret is null
                ? client.VerifyAsync(Otp ?? string.Empty, token, observer, stop)
                : client.VerifyTotpAsync(SecureText.ToPlain(TotpSecret), token, observer, stop));
        }
        catch (MetalOtpException e) when (Quiet && e.Kind == MetalOtpErrorKind.OtpRejected)
        {
            WriteObject(false);
            return;
        }

        WriteObject(Quiet
            ? true
            : new OtpConfirmation(
                verification.SessionToken is { } session ? SecureText.From(session) : null, UrlOfCall, Token is null, verification.RequestId));
    }
}
