using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

public class DisplayTextTests
{
    [Theory]
    [InlineData("abcd-efgh")]
    [InlineData("abcd efgh")]
    [InlineData("0")]
    [InlineData("é")]
    [InlineData("e\u0301")]
    [InlineData("\U0001F511")]
    [InlineData("コード")]
    public void Code_that_can_be_read_is_visible(string code) => Assert.True(DisplayText.IsVisibleCode(code));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u00A0\u3000")]
    [InlineData("\u0301")]
    [InlineData("\u3164")]
    [InlineData("\u00AD")]
    [InlineData("\u2800")]
    [InlineData("\u115F")]
    [InlineData("\u1160")]
    [InlineData("\uFFA0")]
    [InlineData("\uFE0F")]
    [InlineData("\u034F")]
    [InlineData("\uFEFF")]
    [InlineData("\u2065")]
    [InlineData("\U000E0041")]
    [InlineData("\U000E0100")]
    [InlineData("\U0001D159")]
    [InlineData("\t")]
    [InlineData("\u202E")]
    public void Code_without_a_visible_character_is_not_visible(string code) => Assert.False(DisplayText.IsVisibleCode(code));

    [Theory]
    [InlineData("\u3164")]
    [InlineData("\u00AD")]
    [InlineData("\u200B")]
    [InlineData("\u202E")]
    [InlineData("\uFE0F")]
    [InlineData("\U000E0041")]
    [InlineData("\U000E0FFF")]
    [InlineData("\u2028")]
    [InlineData("\n")]
    [InlineData("\u001B")]
    public void Code_with_an_invisible_character_is_not_visible(string character) =>
        Assert.False(DisplayText.IsVisibleCode($"ab{character}cd"));

    // Not data of a theory: attributes cannot hold a lone surrogate.
    [Fact]
    public void Lone_surrogate_is_not_visible()
    {
        Assert.False(DisplayText.IsVisibleCode("ab\uD83Dcd"));
        Assert.False(DisplayText.IsVisibleCode("\uDD11"));
        Assert.Equal("a\uFFFDb", DisplayText.Sanitize("a\uD83Db", 3));
    }

    [Fact]
    public void Code_of_more_than_256_characters_is_not_visible()
    {
        Assert.True(DisplayText.IsVisibleCode(new string('x', 256)));
        Assert.False(DisplayText.IsVisibleCode(new string('x', 257)));
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab\U0001F511", 3, "ab…")]
    [InlineData("ab\U0001F511", 4, "ab\U0001F511")]
    [InlineData("a\U000E0041\U000E0042", 3, "a\uFFFD\uFFFD")]
    [InlineData("\r\n\u0085\u2028\u2029\u200B\u061C", 7, "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD")]
    public void Text_is_sanitized_and_cut(string text, int maxLength, string expected) =>
        Assert.Equal(expected, DisplayText.Sanitize(text, maxLength));
}
