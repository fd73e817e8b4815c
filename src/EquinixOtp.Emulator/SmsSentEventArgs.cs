namespace EquinixOtp.Emulator;

/// <summary>An SMS that a <see cref="MetalEmulator"/> would have sent.</summary>
/// <param name="account">The account that asked for it.</param>
/// <param name="code">The OTP in it.</param>
public sealed class SmsSentEventArgs(EmulatedAccount account, string code) : EventArgs
{
    /// <summary>The account that asked for the SMS.</summary>
    public EmulatedAccount Account { get; } = account;

    /// <summary>The OTP in the SMS: six digits.</summary>
    public string Code { get; } = code;
}
