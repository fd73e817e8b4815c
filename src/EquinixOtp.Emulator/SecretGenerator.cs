using System.Security.Cryptography;

namespace EquinixOtp.Emulator;

/// <summary>Generates tokens and codes: from a cryptographic source, or repeatably from a seed and the number of a sequence.</summary>
internal sealed class SecretGenerator(int? seed, int sequence)
{
    private const int RecoveryCodeCount = 10;
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // Without characters that look alike, because people type recovery codes.
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
