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

    /// <summary>Whether a right OTP is answered with 200 and a session token instead of an empty 204.</summary>
    public bool SessionTokens { get; init; }

    /// <summary>The calls an account may make in a minute, at least 1; <see langword="null"/> for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>How long each call waits before it is handled, from zero to an hour.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Says what is wrong with the options, or returns <see langword="null"/> when nothing is.</summary>
    internal string? FindProblem()
    {
        if (Port is < 0 or > 65535)
        {
            return $"The port must be from 0 to 65535, and {Port} isn't.";
        }

        if (Tokens.Any(token => string.IsNullOrEmpty(token) || token.Any(c => c is <= ' ' or > '~')))
        {
            return "A token must be of visible ASCII characters only, and not empty.";
        }

        if (Tokens.Distinct().Count() != Tokens.Count)
        {
            return "The tokens must differ from each other: each stands for an account.";
        }

        if (TotpSecret is not null && !IsBase32(TotpSecret))
        {
            return "The TOTP secret must be base32: the letters A to Z and the digits 2 to 7.";
        }

        if (RateLimit < 1)
        {
            return $"The rate limit must be at least 1 call per minute, and {RateLimit} isn't.";
        }

        return Latency < TimeSpan.Zero || Latency > TimeSpan.FromHours(1) ? "The latency must be from 0 to 3600000 milliseconds." : null;
    }

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
