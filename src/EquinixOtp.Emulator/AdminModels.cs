namespace EquinixOtp.Emulator;

/// <summary>The state of the emulator.</summary>
/// <param name="Status">Always ok.</param>
/// <param name="Version">The emulator's version.</param>
/// <param name="Url">The base URL of the emulated API.</param>
/// <param name="Now">The time by the emulator's clock.</param>
internal sealed record Health(string Status, string Version, Uri Url, DateTimeOffset Now);

/// <summary>How far to move the clock.</summary>
internal sealed record ClockAdvance
{
    /// <summary>The time, as hours, minutes and seconds.</summary>
    public required TimeSpan Advance { get; init; }
}

/// <summary>The time by the emulator's clock.</summary>
/// <param name="Now">The time.</param>
internal sealed record ClockTime(DateTimeOffset Now);

/// <summary>An account to add.</summary>
internal sealed record NewAccount
{
    /// <summary>The API token, of visible ASCII characters; random if missing.</summary>
    public string? Token { get; init; }

    /// <summary>The TOTP secret in base32; the one that the emulator started with if missing.</summary>
    public string? TotpSecret { get; init; }
}

/// <summary>What to change of an account. What is missing stays as it is.</summary>
internal sealed record AccountChange
{
    /// <summary>The recovery codes that are valid from now on.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; init; }

    /// <summary>The TOTP secret in base32. Its codes can be used even if they were before.</summary>
    public string? TotpSecret { get; init; }
}

/// <summary>An account with its secrets.</summary>
/// <param name="Number">The account's number, from 1.</param>
/// <param name="Token">The API token.</param>
/// <param name="TokenRevoked">Whether the API token was revoked.</param>
/// <param name="TotpSecret">The TOTP secret in base32.</param>
/// <param name="TotpUri">The TOTP secret as an otpauth URI.</param>
/// <param name="RecoveryCodes">The valid recovery codes.</param>
/// <param name="Sms">The last SMS, oldest first.</param>
/// <param name="Sessions">The open sessions, oldest first.</param>
internal sealed record AccountView(
    int Number,
    string Token,
    bool TokenRevoked,
    string TotpSecret,
    string TotpUri,
    IReadOnlyList<string> RecoveryCodes,
    IReadOnlyList<SmsMessage> Sms,
    IReadOnlyList<Session> Sessions);
