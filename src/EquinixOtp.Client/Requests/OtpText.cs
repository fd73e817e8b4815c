using System.Globalization;
using System.Text;
using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Requests;

/// <summary>Validates the text of an OTP before it becomes a path segment.</summary>
internal static class OtpText
{
    // Longer than any real OTP, and shorter than the limits of URLs and servers.
    private const int MaxLength = 256;

    /// <summary>
    /// The OTP without the spaces around it and between its digits, as authenticator apps show them (<c>123 456</c>).
    /// All other characters are kept, including <c>/</c>, <c>\</c> and <c>%</c>.
    /// </summary>
    /// <exception cref="MetalOtpException">
    /// <see cref="MetalOtpErrorKind.InvalidOtp"/>: the text cannot be an OTP, or no path segment can carry it unchanged.
    /// The message does not quote it.
    /// </exception>
    public static string Normalize(string otp)
    {
        string normalized = RemoveSpaces(otp);
        string? problem =
            normalized.Length == 0 ? "The OTP is empty."
            : normalized.Length > MaxLength ? $"The OTP has more than {MaxLength} characters."
            : normalized is "." or ".." ? "The OTP is a relative path ('.' or '..'), which no URL can carry as a path segment."
            : FindUnsendable(normalized) is { } character ? $"The OTP contains {character}."
            : normalized.Length < 6 && normalized.All(IsDigit)
                ? "The OTP has fewer than six digits. A leading zero is lost when a code is a number: quote it, as in '012345'."
            : null;
        return problem is null ? normalized : throw new MetalOtpException(MetalOtpErrorKind.InvalidOtp, problem);
    }

    private static string RemoveSpaces(string otp)
    {
        var normalized = new StringBuilder(otp.Length);
        int next;
        for (int i = 0; i < otp.Length; i = next)
        {
            next = i;
            while (next < otp.Length && IsSpace(otp[next]))
            {
                next++;
            }

            bool isEdge = i == 0 || next == otp.Length;
            if (!isEdge && !(IsDigit(otp[i - 1]) && IsDigit(otp[next])))
            {
                normalized.Append(otp, i, next - i);
            }

            if (next < otp.Length)
            {
                normalized.Append(otp[next++]);
            }
        }

        return normalized.ToString();
    }

    private static string? FindUnsendable(string otp)
    {
        for (int i = 0; i < otp.Length; i += DisplayText.SizeAt(otp, i))
        {
            string? kind =
                char.IsSurrogate(otp[i]) && DisplayText.SizeAt(otp, i) == 1 ? "half of a surrogate pair"
                : char.IsWhiteSpace(otp[i]) ? "white space"
                : char.IsControl(otp[i]) ? "a control character"
                : DisplayText.IsInvisible(otp, i) ? "an invisible character"
                : null;
            if (kind is not null)
            {
                return string.Format(CultureInfo.InvariantCulture, "{0} (U+{1:X4})", kind, DisplayText.CodePointAt(otp, i));
            }
        }

        return null;
    }

    private static bool IsSpace(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator;

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
