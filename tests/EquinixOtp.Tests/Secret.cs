using System.Net;
using System.Security;

namespace EquinixOtp.Tests;

/// <summary>Values that nobody makes up by chance, and SecureStrings: the hosted engine has no ConvertTo-SecureString.</summary>
internal static class Secret
{
    public const string Token = "canaryTokenQ7xW2nB9vK4mZ8rT5yU1p";
    public const string Otp = "918273";
    public const string SessionToken = "canarySessionH3jD6fS0gL2qE9wR7t";
    public const string ProxyPassword = "canaryProxyP4ssw0rdX8cV1bN";

    /// <summary>The secret of RFC 6238's test vectors.</summary>
    public const string Totp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    public static readonly string[] RecoveryCodes = ["canary-rec0de-aaaaa", "canary-rec0de-bbbbb"];

    public static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        secure.MakeReadOnly();
        return secure;
    }

    public static string Plain(object? secure) => new NetworkCredential(string.Empty, Assert.IsType<SecureString>(secure)).Password;
}
