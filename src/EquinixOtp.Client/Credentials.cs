namespace EquinixOtp.Client;

/// <summary>What can be said of a token and an OTP before they are sent. Every call checks both of itself.</summary>
public static class Credentials
{
    // Far above any real one, and below what URLs and servers' headers hold.
    private const int MaxOtpLength = 256;
    private const int MaxTokenLength = 4096;

    /// <summary>Refuses a token that no <c>X-Auth-Token</c> header can carry unchanged. Its form is the API's business.</summary>
    /// <exception cref="MetalOtpException"><see cref="MetalOtpErrorKind.InvalidToken"/>.</exception>
    public static void ValidateToken(string token)
    {
        if (token.Length is 0 or > MaxTokenLength || token.Any(c => c is <= ' ' or > '~'))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InvalidToken,
                "The token is null, empty, too long, or has white space or other characters that no header can carry.");
        }
    }

    /// <summary>Refuses an OTP that can't be one, or that no URL's path segment can carry unchanged.</summary>
    /// <exception cref="MetalOtpException"><see cref="MetalOtpErrorKind.InvalidOtp"/>.</exception>
    public static void ValidateOtp(string otp)
    {
        string? complaint =
            otp.Length == 0 ? "The OTP is empty."
            : otp.Length > MaxOtpLength ? $"The OTP has more than {MaxOtpLength} characters."
            : otp is "." or ".." ? "The OTP is a path, not a password."
            : otp.Where((c, i) => char.IsWhiteSpace(c) || char.IsControl(c) || IsHalfCharacter(otp, i)).Any()
                ? "The OTP has white space, control characters or broken characters in it."
            : otp.Length < 6 && otp.All(c => c is >= '0' and <= '9')
                ? "The OTP has fewer than six digits. A leading zero is lost when a code is a number: quote it, as in '012345'."
            : null;
        if (complaint is not null)
        {
            throw new MetalOtpException(MetalOtpErrorKind.InvalidOtp, complaint);
        }
    }

    private static bool IsHalfCharacter(string text, int i) =>
        char.IsSurrogate(text[i])
        && !char.IsSurrogatePair(text, i)
        && !(i > 0 && char.IsSurrogatePair(text, i - 1));
}
