using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

public class OtpTextTests
{
    [Theory]
    [InlineData("123456", "123456")]
    [InlineData("123 456", "123456")]
    [InlineData("789 012", "789012")]
    [InlineData("12 34 56 78", "12345678")]
    [InlineData("  123\u00A0\u2009456 ", "123456")]
    [InlineData("\u202F012\u3000345", "012345")]
    [InlineData(" abc-def ", "abc-def")]
    [InlineData(@"a/b\c%2F..", @"a/b\c%2F..")]
    [InlineData("...", "...")]
    [InlineData("%2e%2e", "%2e%2e")]
    [InlineData("é\U0001F511", "é\U0001F511")]
    [InlineData("x1", "x1")]
    public void Valid_OTP_loses_only_the_spaces_around_it_and_between_digits(string otp, string expected) =>
        Assert.Equal(expected, OtpText.Normalize(otp));

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \u00A0", "empty")]
    [InlineData(".", "relative path")]
    [InlineData(" .. ", "relative path")]
    [InlineData("12345", "leading zero")]
    [InlineData("12 345", "leading zero")]
    [InlineData("0", "leading zero")]
    [InlineData("ab cd12", "U+0020")]
    [InlineData("abcdef gh", "U+0020")]
    [InlineData("12 ab34", "U+0020")]
    [InlineData("ab 12345678", "U+0020")]
    [InlineData("ab\u00A0cd12", "U+00A0")]
    [InlineData("123456\n", "U+000A")]
    [InlineData("123\t456", "U+0009")]
    [InlineData("123\u2028456", "U+2028")]
    [InlineData("123456\0", "U+0000")]
    [InlineData("123\u200B456", "U+200B")]
    [InlineData("123\u00AD456", "U+00AD")]
    [InlineData("123456\u3164", "U+3164")]
    [InlineData("123456\U000E0041", "U+E0041")]
    public void Invalid_OTP_is_rejected_with_its_reason(string otp, string reason)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => OtpText.Normalize(otp));

        Assert.Equal(MetalOtpErrorKind.InvalidOtp, e.Kind);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("123456", e.Message, StringComparison.Ordinal);
    }

    // Not data of a theory: attributes cannot hold a lone surrogate.
    [Fact]
    public void Lone_surrogate_is_rejected()
    {
        Invalid_OTP_is_rejected_with_its_reason("123456\uD83D", "U+D83D");
        Invalid_OTP_is_rejected_with_its_reason("\uDD11123456", "U+DD11");
    }

    [Fact]
    public void OTP_may_have_256_characters()
    {
        Assert.Equal(256, OtpText.Normalize(new string('1', 256)).Length);
        Assert.Equal(256, OtpText.Normalize(string.Join(' ', Enumerable.Repeat('1', 256))).Length);
        Assert.Equal(MetalOtpErrorKind.InvalidOtp, Assert.Throws<MetalOtpException>(() => OtpText.Normalize(new string('1', 257))).Kind);
    }
}
