using System.Runtime.InteropServices;
using System.Security;

namespace EquinixOtp;

/// <summary>Conversions between text and SecureString.</summary>
internal static class SecureStringExtensions
{
    // The limit of SecureString.
    private const int MaxLength = 65_536;

    /// <summary>
    /// Creates a read-only SecureString. Text beyond 65,536 characters is cut: the client refuses any secret of that length.
    /// </summary>
    public static unsafe SecureString ToSecureString(this string text)
    {
        fixed (char* start = text)
        {
            var secure = new SecureString(start, Math.Min(text.Length, MaxLength));
            secure.MakeReadOnly();
            return secure;
        }
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
