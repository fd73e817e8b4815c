using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

public class ApiTokenTests
{
    [Fact]
    public void Each_visible_ASCII_character_and_no_other_is_accepted()
    {
        for (int c = 0; c <= char.MaxValue; c++)
        {
            Assert.Equal(c is > 0x20 and < 0x7F, ApiToken.IsHeaderSafe($"a{(char)c}b"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("canary token")]
    [InlineData("canary\n")]
    [InlineData("canary\r\nX-Evil: 1")]
    [InlineData("can\0ary")]
    [InlineData("canary\u007F")]
    [InlineData("canarý")]
    [InlineData("\U0001F511")]
    public void Token_that_a_header_cannot_carry_is_rejected_and_not_quoted(string token)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => Validate(token));

        Assert.Equal(MetalOtpErrorKind.InvalidToken, e.Kind);
        Assert.DoesNotContain(Canary.Mark, e.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Token_may_have_4096_characters()
    {
        Validate(new string('x', 4096));
        Assert.Equal(MetalOtpErrorKind.InvalidToken, Assert.Throws<MetalOtpException>(() => Validate(new string('x', 4097))).Kind);
    }

    private static void Validate(string token) => ApiToken.Validate(TestClient.Secure(token));
}
