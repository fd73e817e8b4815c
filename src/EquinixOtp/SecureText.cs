using System.Net;
using System.Security;

namespace EquinixOtp;

/// <summary>SecureString from and to text.</summary>
internal static class SecureText
{
    public static SecureString From(string text)
    {
        SecureString secure = new NetworkCredential(string.Empty, text).SecurePassword;
        secure.MakeReadOnly();
        return secure;
    }

    public static string ToPlain(SecureString secure) => new NetworkCredential(string.Empty, secure).Password;
}
