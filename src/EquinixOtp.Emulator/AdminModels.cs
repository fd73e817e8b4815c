namespace EquinixOtp.Emulator;

/// <summary>The state of the emulator.</summary>
/// <param name="Status">The value ok.</param>
/// <param name="Version">The emulator's version.</param>
/// <param name="Url">The base URL of the emulated API.</param>
/// <param name="Now">The time of the emulator's clock.</param>
internal sealed record Health(string Status, string Version, Uri Url, DateTimeOffset Now);

/// <summary>A request to advance the clock.</summary>
internal sealed record ClockAdvance
{
    /// <summary>The interval as hh:mm:ss, greater than zero.</summary>
    public required TimeSpan Advance { get; init; }
}

/// <summary>The time of the emulator's clock.</summary>
/// <param name="Now">The time after the advance.</param>
internal sealed record ClockTime(DateTimeOffset Now);

/// <summary>An account to add.</summary>
internal sealed record NewAccount
{
    /// <summary>The API token: 1 to 1024 visible ASCII characters. Random if missing.</summary>
    public string? Token { get; init; }

    /// <summary>The TOTP secret in base32. If missing, the secret that the emulator started with.</summary>
    public string? TotpSecret { get; init; }
}

/// <summary>Changes to an account. Missing properties stay unchanged.</summary>
internal sealed record AccountChange
{
    /// <summary>The recovery codes that replace the current ones.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; init; }

    /// <summary>The TOTP secret in base32. Setting it makes used TOTP codes valid again.</summary>
    public string? TotpSecret { get; init; }
}

/// <summary>An account with its secrets.</summary>
/// <param name="Number">The account's number, from 1.</param>
/// <param name="Token">The API token.</param>
/// <param name="TokenRevoked">Whether the API token is revoked.</param>
/// <param name="TotpSecret">The TOTP secret in base32.</param>
/// <param name="TotpUri">The TOTP secret as an otpauth URI.</param>
/// <param name="RecoveryCodes">The valid recovery codes.</param>
/// <param name="Sms">The last 100 SMS, oldest first.</param>
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
