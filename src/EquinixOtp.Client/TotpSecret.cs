using Flurl;
using OtpNet;

namespace EquinixOtp.Client;

/// <summary>
/// A TOTP secret (RFC 6238), as base32 or as an <c>otpauth://totp/</c> URI whose <c>digits</c> (6 to 8), <c>period</c>
/// (1 to 3,600 seconds) and <c>algorithm</c> (SHA1, SHA256, SHA512) are honoured. Unless said otherwise: 6, 30, SHA1.
/// </summary>
internal static class TotpSecret
{
    /// <summary>The code of <paramref name="now"/>.</summary>
    /// <exception cref="MetalOtpException"><see cref="MetalOtpErrorKind.InvalidTotpSecret"/>.</exception>
    public static string ComputeCode(string secret, DateTimeOffset now)
    {
        string base32 = secret;
        int digits = 6;
        int period = 30;
        var algorithm = OtpHashMode.Sha1;
        if (secret.TrimStart().StartsWith("otpauth:", StringComparison.OrdinalIgnoreCase))
        {
            if (!Uri.TryCreate(secret.Trim(), UriKind.Absolute, out Uri? uri) || !uri.Host.Equals("totp", StringComparison.OrdinalIgnoreCase))
            {
                throw Invalid();
            }

            QueryParamCollection query = Url.ParseQueryParams(uri.Query);
            base32 = Parameter(query, "secret") ?? throw Invalid();
            digits = Number(Parameter(query, "digits"), digits, 6, 8);
            period = Number(Parameter(query, "period"), period, 1, 3600);
            algorithm = Parameter(query, "algorithm")?.ToUpperInvariant() switch
            {
                null or "SHA1" => OtpHashMode.Sha1,
                "SHA256" => OtpHashMode.Sha256,
                "SHA512" => OtpHashMode.Sha512,
                _ => throw Invalid(),
            };
        }

        byte[] key = Decode(base32);
        try
        {
            return new Totp(key, period, algorithm, digits).ComputeTotp(now.UtcDateTime);
        }
        finally
        {
            Array.Clear(key, 0, key.Length);
        }
    }

    private static string? Parameter(QueryParamCollection query, string name) =>
        query.TryGetFirst(name, out object value) ? value?.ToString() : null;

    private static int Number(string? text, int otherwise, int min, int max) =>
        text is null ? otherwise
        : int.TryParse(text, out int number) && number >= min && number <= max ? number
        : throw Invalid();

    // Authenticator pages show the secret in groups, so blanks and dashes between them are fine.
    private static byte[] Decode(string base32)
    {
        string compact = string.Concat(base32.Where(c => c is not (' ' or '-'))).Trim().TrimEnd('=');
        if (compact.Length == 0 || !compact.All(c => c is >= 'A' and <= 'Z' or >= 'a' and <= 'z' or >= '2' and <= '7'))
        {
            throw Invalid();
        }

        byte[] key = Base32Encoding.ToBytes(compact);
        return key.Length > 0 ? key : throw Invalid();
    }

    private static MetalOtpException Invalid() => new(
        MetalOtpErrorKind.InvalidTotpSecret,
        "The TOTP secret is neither base32 text nor an otpauth://totp/ URI with a base32 secret.");
}
