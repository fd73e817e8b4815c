namespace EquinixOtp.Client;

/// <summary>The body of a POST: a media type and nothing else, as documented.</summary>
internal sealed class PostContent : ByteArrayContent
{
    /// <param name="otp">What the mask at the end of the URL stands for, or null when there is none.</param>
    public PostContent(string? otp)
        : base([])
    {
        Otp = otp;
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    /// <summary>The OTP, or null.</summary>
    public string? Otp { get; }
}
