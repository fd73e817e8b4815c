namespace EquinixOtp.Tests;

/// <summary>The API's operations. Verification occurs twice: by an OTP and by a TOTP secret.</summary>
public enum Operation
{
    Verify,
    VerifyTotp,
    GetRecoveryCodes,
    ResetRecoveryCodes,
    SendSms,
}

internal static class OperationTraits
{
    public static bool IsGet(this Operation operation) => operation == Operation.GetRecoveryCodes;

    public static bool IsVerify(this Operation operation) => operation is Operation.Verify or Operation.VerifyTotp;

    public static bool ReadsCodes(this Operation operation) => operation is Operation.GetRecoveryCodes or Operation.ResetRecoveryCodes;
}
