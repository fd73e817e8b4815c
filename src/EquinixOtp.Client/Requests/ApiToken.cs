using System.Security;

namespace EquinixOtp.Client.Requests;

/// <summary>The value of the <c>X-Auth-Token</c> header.</summary>
internal static class ApiToken
{
    /// <summary>The longest token, in characters: longer than any real token, and shorter than common header limits.</summary>
    public const int MaxLength = 4096;

    /// <summary>Refuses a token that a header cannot carry unchanged.</summary>
    /// <exception cref="MetalOtpException"><see cref="MetalOtpErrorKind.InvalidToken"/>.</exception>
    public static void Validate(SecureString token)
    {
        string text = token.ToPlainText();
        string? problem =
            text.Length == 0 ? "The token is empty or null."
            : text.Length > MaxLength ? $"The token has more than {MaxLength} characters."
            : IsHeaderSafe(text) ? null
            : "The token contains white space or characters that a header cannot carry.";
        if (problem is not null)
        {
            throw new MetalOtpException(MetalOtpErrorKind.InvalidToken, problem);
        }
    }

    /// <summary>Whether text consists of visible ASCII only. The API decides about any other property of a token.</summary>
    public static bool IsHeaderSafe(string text)
    {
        foreach (char c in text)
        {
            if (c is <= ' ' or > '~')
            {
                return false;
            }
        }

        return true;
    }
}
