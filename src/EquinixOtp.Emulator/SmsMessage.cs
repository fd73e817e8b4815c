namespace EquinixOtp.Emulator;

/// <summary>An emulated SMS.</summary>
/// <param name="Code">The OTP: six digits.</param>
/// <param name="SentAt">When it was sent, by the emulator's clock.</param>
/// <param name="Used">Whether the code has been used.</param>
internal sealed record SmsMessage(string Code, DateTimeOffset SentAt, bool Used);

/// <summary>A session of an account.</summary>
/// <param name="Token">The session token.</param>
/// <param name="OpenedAt">When it was opened, by the emulator's clock.</param>
internal sealed record Session(string Token, DateTimeOffset OpenedAt);
