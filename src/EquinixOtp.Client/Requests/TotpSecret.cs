using System.Globalization;
using EquinixOtp.Client.Redaction;
using OtpNet;

namespace EquinixOtp.Client.Requests;

/// <summary>
/// A TOTP secret (RFC 6238), as base32 text or as an <c>otpauth://totp/</c> URI with the parameters <c>secret</c>,
/// <c>digits</c> (6 to 8; default 6), <c>period</c> (1 to 3,600 seconds; default 30) and <c>algorithm</c> (SHA1, SHA256, SHA512;
/// default SHA1). Other parameters are ignored.
/// </summary>
internal sealed class TotpSecret
{
    private const string ExpectedForm = "Use the base32 secret or the otpauth://totp/ URI of the authenticator's set-up page.";

    // Kept as text: the key's bytes exist only while a code is computed.
    private readonly string _base32;
    private readonly int _digits;
    private readonly int _period;
    private readonly OtpHashMode _algorithm;

    private TotpSecret(string base32, int digits = 6, int period = 30, OtpHashMode algorithm = OtpHashMode.Sha1)
    {
        _base32 = base32;
        _digits = digits;
        _period = period;
        _algorithm = algorithm;
    }

    /// <summary>Reads and validates a secret.</summary>
    /// <exception cref="MetalOtpException">
    /// <see cref="MetalOtpErrorKind.InvalidTotpSecret"/>. The message says what is wrong and quotes nothing of the text.
    /// </exception>
    public static TotpSecret Parse(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.Length == 0)
        {
            throw Invalid("The TOTP secret is empty. If it comes from a variable, check that the variable is set.");
        }

        int colon = trimmed.IndexOf(':');
        return colon < 0
            ? new TotpSecret(ParseBase32(trimmed, "The TOTP secret"))
            : trimmed.Substring(0, colon).ToUpperInvariant() switch
            {
                "OTPAUTH" => ParseUri(trimmed.Substring(colon + 1)),
                "OTPAUTH-MIGRATION" => throw Invalid(
                    "The TOTP secret is an otpauth-migration:// URI, an authenticator app's export of its accounts. " + ExpectedForm),
                "STEAM" => throw InvalidSteam(),
                _ => throw Invalid("The TOTP secret has a colon but is not an otpauth://totp/ URI. " + ExpectedForm),
            };
    }

    /// <summary>The code that is current at <paramref name="now"/>.</summary>
    public string ComputeCode(DateTimeOffset now)
    {
        byte[] key = Base32Encoding.ToBytes(_base32);
        try
        {
            return new Totp(key, _period, _algorithm, _digits).ComputeTotp(now.UtcDateTime);
        }
        finally
        {
            Array.Clear(key, 0, key.Length);
        }
    }

    // Parses the part after "otpauth:". System.Uri rejects labels that authenticator apps write.
    private static TotpSecret ParseUri(string text)
    {
        if (!text.StartsWith("//", StringComparison.Ordinal))
        {
            throw Invalid("The TOTP URI does not start with otpauth://totp/.");
        }

        int typeEnd = text.IndexOfAny(['/', '?', '#'], 2);
        switch ((typeEnd < 0 ? text.Substring(2) : text.Substring(2, typeEnd - 2)).ToUpperInvariant())
        {
            case "TOTP":
                break;
            case "HOTP":
                throw Invalid("The TOTP URI is for HOTP (otpauth://hotp/), which counts codes. Only otpauth://totp/ is supported.");
            case "STEAM":
                throw InvalidSteam();
            default:
                throw Invalid("The TOTP URI has a type other than totp: it must start with otpauth://totp/.");
        }

        Dictionary<string, string> parameters = ParseParameters(text);
        if (parameters.TryGetValue("encoder", out string? encoder) && encoder.Equals("steam", StringComparison.OrdinalIgnoreCase))
        {
            throw InvalidSteam();
        }

        if (!parameters.TryGetValue("secret", out string? secret))
        {
            throw Invalid("The TOTP URI has no parameter 'secret'.");
        }

        if (secret.Length == 0)
        {
            throw Invalid("The parameter 'secret' of the TOTP URI is empty.");
        }

        return new TotpSecret(
            ParseBase32(secret, "The parameter 'secret' of the TOTP URI"),
            ParseNumber(parameters, "digits", 6, 6, 8),
            ParseNumber(parameters, "period", 30, 1, 3600),
            ParseAlgorithm(parameters));
    }

    private static Dictionary<string, string> ParseParameters(string uri)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        int queryStart = uri.IndexOf('?') + 1;
        string query = queryStart == 0 ? string.Empty : uri.Substring(queryStart).Split('#')[0];
        foreach (string pair in query.Split('&'))
        {
            string[] parts = pair.Split(['='], 2);
            string name = Unescape(parts[0]);
            if (name.StartsWith("amp;", StringComparison.OrdinalIgnoreCase))
            {
                throw Invalid("The TOTP URI has '&amp;' between its parameters, as in HTML. Replace each by '&'.");
            }

            if (parameters.ContainsKey(name) && name.ToUpperInvariant() is "SECRET" or "DIGITS" or "PERIOD" or "ALGORITHM")
            {
                throw Invalid($"The TOTP URI has the parameter '{name.ToLowerInvariant()}' more than once.");
            }

            parameters[name] = parts.Length == 1 ? string.Empty : Unescape(parts[1]);
        }

        return parameters;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' ')).Trim();

    private static int ParseNumber(Dictionary<string, string> parameters, string name, int defaultValue, int min, int max)
    {
        if (!parameters.TryGetValue(name, out string? text) || text.Length == 0)
        {
            return defaultValue;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? number
            : throw Invalid($"The parameter '{name}' of the TOTP URI must be a whole number from {min} to {max}.");
    }

    private static OtpHashMode ParseAlgorithm(Dictionary<string, string> parameters)
    {
        parameters.TryGetValue("algorithm", out string? text);
        string name = (text ?? string.Empty).ToUpperInvariant().Replace("-", string.Empty).Replace("_", string.Empty);
        return (name.StartsWith("HMACSHA", StringComparison.Ordinal) ? name.Substring(4) : name) switch
        {
            "" or "SHA1" => OtpHashMode.Sha1,
            "SHA256" => OtpHashMode.Sha256,
            "SHA512" => OtpHashMode.Sha512,
            _ => throw Invalid("The parameter 'algorithm' of the TOTP URI must be SHA1, SHA256 or SHA512."),
        };
    }

    // Set-up pages show the secret in groups, so spaces and dashes between them are accepted.
    private static string ParseBase32(string text, string subject)
    {
        string compact = text.Replace(" ", string.Empty).Replace("-", string.Empty).TrimEnd('=');
        if (compact.Length is >= 6 and <= 8 && compact.All(c => c is >= '0' and <= '9'))
        {
            throw Invalid($"{subject} consists of {compact.Length} digits: that is a code, not the secret. Pass a code as the OTP.");
        }

        if (compact.Length == 0)
        {
            throw Invalid(subject + " has no base32 characters.");
        }

        for (int i = 0; i < compact.Length; i += DisplayText.SizeAt(compact, i))
        {
            char c = compact[i];
            if (c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '2' and <= '7'))
            {
                continue;
            }

            string? kind =
                c is '\r' or '\n' or '\u0085' or '\u2028' or '\u2029' ? "a line break"
                : c is '\u00A0' or '\u2007' or '\u202F' ? "a no-break space"
                : char.IsWhiteSpace(c) ? "white space other than ordinary spaces"
                : DisplayText.IsInvisible(compact, i) ? "an invisible or broken character"
                : null;
            string codePoint = DisplayText.CodePointAt(compact, i).ToString("X4", CultureInfo.InvariantCulture);
            throw Invalid(kind is null
                ? subject + " has a character that is not base32 (A to Z and 2 to 7)."
                : $"{subject} contains {kind} (U+{codePoint}).");
        }

        // Eight characters encode five bytes. A remainder of 1, 3 or 6 characters encodes no whole number of bytes.
        if (compact.Length % 8 is 1 or 3 or 6)
        {
            throw Invalid(subject + " has a length that base32 cannot have. Characters are missing at its end, or there are too many.");
        }

        return compact;
    }

    private static MetalOtpException InvalidSteam() =>
        Invalid("The TOTP secret is for Steam Guard, whose codes are not TOTP codes. " + ExpectedForm);

    private static MetalOtpException Invalid(string message) => new(MetalOtpErrorKind.InvalidTotpSecret, message);
}
