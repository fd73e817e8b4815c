using System.Text;
using OtpNet;

namespace EquinixOtp.Tests;

/// <summary>The secrets of the tests, which <see cref="SecretHunt"/> finds wherever they leak, escaped or not.</summary>
internal static class Canary
{
    /// <summary>Part of each secret, in any letter case, except for <see cref="ProxyBasic"/>.</summary>
    public const string Mark = "canary";

    public const string Token = "canaryTokenQ7xW2nB9vK4mZ8rT5yU1p";
    public const string Otp = "canaryOtp/77%";
    public const string TotpSecret = "CANARYSECRETCANARYSECRET";
    public const string SessionToken = "canarySessionH3jD6fS0gL2qE9wR7t";
    public const string ProxyUser = @"DOMAIN\user";
    public const string ProxyPassword = "canaryProxyP4ssw0rdX8cV1bN";

    public static readonly string[] RecoveryCodes = ["canary-rec0de-aaaaa", "canary-rec0de-bbbbb"];

    /// <summary>The proxy credential as Basic authentication sends it.</summary>
    public static readonly string ProxyBasic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ProxyUser}:{ProxyPassword}"));

    /// <summary>The code of <see cref="TotpSecret"/> at a time.</summary>
    public static string CodeAt(DateTimeOffset time) => new Totp(Base32Encoding.ToBytes(TotpSecret)).ComputeTotp(time.UtcDateTime);
}
