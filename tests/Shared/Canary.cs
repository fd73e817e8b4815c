using System.Text;
using OtpNet;

namespace EquinixOtp.Tests;

/// <summary>Secrets that are easy to find again wherever they leak, escaped or not.</summary>
internal static class Canary
{
    /// <summary>What every one of them holds, in some letter case, but for <see cref="ProxyBasic"/>.</summary>
    public const string Mark = "canary";

    public const string Token = "canaryTokenQ7xW2nB9vK4mZ8rT5yU1p";
    public const string Otp = "canaryOtp/77%";
    public const string TotpSecret = "CANARYSECRETCANARYSECRET";
    public const string SessionToken = "canarySessionH3jD6fS0gL2qE9wR7t";
    public const string ProxyUser = @"DOMAIN\user";
    public const string ProxyPassword = "canaryProxyP4ssw0rdX8cV1bN";

    public static readonly string[] RecoveryCodes = ["canary-rec0de-aaaaa", "canary-rec0de-bbbbb"];

    /// <summary>What a proxy is sent of the password.</summary>
    public static readonly string ProxyBasic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{ProxyUser}:{ProxyPassword}"));

    /// <summary>What its authenticator shows at a time.</summary>
    public static string CodeAt(DateTimeOffset time) => new Totp(Base32Encoding.ToBytes(TotpSecret)).ComputeTotp(time.UtcDateTime);
}
