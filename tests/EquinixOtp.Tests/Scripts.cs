namespace EquinixOtp.Tests;

/// <summary>A call of each cmdlet, without a token and a URL.</summary>
internal static class Scripts
{
    public const string Confirm = "Confirm-MetalOtp 123456";
    public const string Get = "Get-MetalRecoveryCode";
    public const string Reset = "Reset-MetalRecoveryCode -Confirm:$false";
    public const string Send = "Send-MetalOtpSms";

    public static readonly string[] All = [Confirm, Get, Reset, Send];

    /// <summary>The ways to pass secrets, after <see cref="Shell.SetSecrets"/>, and the operations that they call.</summary>
    public static readonly (string Script, Operation Operation)[] WithSecrets =
    [
        ("Confirm-MetalOtp $otp", Operation.Verify),
        ("$otp | Confirm-MetalOtp", Operation.Verify),
        ("Confirm-MetalOtp -TotpSecret $totp", Operation.VerifyTotp),
        (Get, Operation.GetRecoveryCodes),
        (Reset, Operation.ResetRecoveryCodes),
        (Send, Operation.SendSms),
    ];
}
