namespace EquinixOtp.Emulator;

/// <summary>The data of <see cref="MetalEmulator.SmsSent"/>.</summary>
/// <param name="account">The account that requested the SMS.</param>
/// <param name="code">The OTP in the SMS.</param>
public sealed class SmsSentEventArgs(EmulatedAccount account, string code) : EventArgs
{
    /// <summary>The account that requested the SMS.</summary>
    public EmulatedAccount Account { get; } = account;

    /// <summary>The OTP in the SMS: six digits.</summary>
    public string Code { get; } = code;
}
