using System.Security.Cryptography;

namespace EquinixOtp.Emulator;

/// <summary>Generates random tokens and codes, or repeatable ones from a seed and a sequence number.</summary>
internal sealed class SecretGenerator(int? seed, int sequence)
{
    private const int RecoveryCodeCount = 10;
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // Without look-alike characters, because users type recovery codes.
    private const string RecoveryCodeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private readonly Random? _random = seed is { } value ? new(unchecked((value * 5003) + sequence)) : null;

    internal string NewToken() => GetString(LettersAndDigits, 32);

    internal string NewTotpSecret() => GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32);

    internal string NewSmsCode() => GetString("0123456789", 6);

    internal IReadOnlyList<string> NewRecoveryCodes() =>
        [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => $"{NewRecoveryCodePart()}-{NewRecoveryCodePart()}")];

    private string NewRecoveryCodePart() => GetString(RecoveryCodeAlphabet, 5);

    private string GetString(string alphabet, int length) =>
        _random is null ? RandomNumberGenerator.GetString(alphabet, length) : new string(_random.GetItems(alphabet.AsSpan(), length));
}
