using OtpNet;

namespace EquinixOtp.Emulator;

/// <summary>The options of a <see cref="MetalEmulator"/>. Every property has a default.</summary>
public sealed record EmulatorOptions
{
    /// <summary>The default port, 8180.</summary>
    public const int DefaultPort = 8180;

    /// <summary>The loopback port to listen on, from 0 to 65535. 0 selects a free port. Default: 8180.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// The API tokens, one per account: distinct, of 1 to 1024 visible ASCII characters. If empty, one account with a random token.
    /// </summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>The initial TOTP secret of all accounts in base32; <see langword="null"/> for a random one.</summary>
    public string? TotpSecret { get; init; }

    /// <summary>Whether the response to a valid OTP is 200 with a session token instead of an empty 204.</summary>
    public bool SessionTokens { get; init; }

    /// <summary>The maximum number of requests per account and minute, at least 1; <see langword="null"/> for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>The delay before each request to the emulated API is handled, from zero to one hour.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The faults that are active at the start and after a reset, at most 100.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>
    /// A seed that makes codes and tokens repeatable and therefore predictable: for tests only. <see langword="null"/> for random ones.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>Returns a message about the first invalid option, or <see langword="null"/> if all are valid.</summary>
    internal string? FindProblem()
    {
        if (Port is < 0 or > 65535)
        {
            return $"The port must be from 0 to 65535, not {Port}.";
        }

        if ((Tokens.Select(token => FindTokenProblem(token ?? string.Empty)).FirstOrDefault(problem => problem is not null)
            ?? FindTotpSecretProblem(TotpSecret)) is { } found)
        {
            return found;
        }

        if (Tokens.Distinct().Count() != Tokens.Count)
        {
            return "The tokens must be distinct: each identifies one account.";
        }

        if (RateLimit < 1)
        {
            return $"The rate limit must be at least 1 request per minute, not {RateLimit}.";
        }

        if (Latency < TimeSpan.Zero || Latency > TimeSpan.FromHours(1))
        {
            return "The latency must be from 0 to 3600000 milliseconds.";
        }

        if (Faults.Count > FaultList.Capacity)
        {
            return $"At most {FaultList.Capacity} faults can be active.";
        }

        foreach (Fault fault in Faults)
        {
            FaultResolver.Resolve(fault, out IReadOnlyList<string> errors);
            if (errors is not [])
            {
                return string.Join(' ', errors);
            }
        }

        return null;
    }

    internal static string? FindTokenProblem(string? token) =>
        token is not null && (token.Length is 0 or > 1024 || token.Any(c => c is <= ' ' or > '~'))
            ? "A token must have 1 to 1024 visible ASCII characters."
            : null;

    internal static string? FindTotpSecretProblem(string? secret) => secret is not null && !IsBase32(secret)
        ? "The TOTP secret must be base32: the letters A to Z and the digits 2 to 7."
        : null;

    private static bool IsBase32(string text)
    {
        try
        {
            return Base32Encoding.ToBytes(text).Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
