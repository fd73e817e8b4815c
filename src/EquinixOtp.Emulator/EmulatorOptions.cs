using OtpNet;

namespace EquinixOtp.Emulator;

/// <summary>How a <see cref="MetalEmulator"/> is set up. Every property has a default.</summary>
public sealed record EmulatorOptions
{
    /// <summary>The port of the public default, 8180.</summary>
    public const int DefaultPort = 8180;

    /// <summary>The loopback port to listen on, from 0 to 65535; 0 takes a free one. 8180 by default.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// The API tokens, an account each: distinct, of visible ASCII characters. When empty, there is one account with a random token.
    /// </summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>The TOTP secret that all accounts share, in base32; <see langword="null"/> for a random one.</summary>
    public string? TotpSecret { get; init; }

    /// <summary>Whether a valid OTP gets the response 200 with a session token instead of an empty 204.</summary>
    public bool SessionTokens { get; init; }

    /// <summary>The requests that an account may make in a minute, at least 1; <see langword="null"/> for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>How long each request waits before it is handled, from zero to an hour.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The faults that are in force from the start, and again after a reset: at most 100.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>
    /// Makes codes and tokens repeatable, and so predictable: unsafe for anything but tests. <see langword="null"/> for random ones.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>Returns what is wrong with the options, or <see langword="null"/> if they are valid.</summary>
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
            return "The tokens must differ from each other: each belongs to one account.";
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
            return $"There can be at most {FaultList.Capacity} faults.";
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
            ? "A token has 1 to 1024 visible ASCII characters."
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
