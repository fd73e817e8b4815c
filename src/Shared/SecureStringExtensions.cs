using System.Net;
using System.Runtime.InteropServices;
using System.Security;

namespace EquinixOtp;

/// <summary>Conversions between text and SecureString.</summary>
internal static class SecureStringExtensions
{
    /// <summary>Creates a read-only SecureString.</summary>
    public static SecureString ToSecureString(this string text)
    {
        SecureString secure = new NetworkCredential(string.Empty, text).SecurePassword;
        secure.MakeReadOnly();
        return secure;
    }

    // Not NetworkCredential.Password, which outside Windows ends at a NUL character: part of the secret would be used.
    public static string ToPlainText(this SecureString secret)
    {
        IntPtr copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(copy, secret.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
