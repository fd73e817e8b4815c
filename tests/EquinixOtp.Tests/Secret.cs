using System.Net;
using System.Security;

namespace EquinixOtp.Tests;

/// <summary>SecureStrings. The hosted engine lacks ConvertTo-SecureString.</summary>
internal static class Secret
{
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
