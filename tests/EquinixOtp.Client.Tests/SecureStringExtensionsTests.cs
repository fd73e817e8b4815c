namespace EquinixOtp.Client.Tests;

public class SecureStringExtensionsTests
{
    [Fact]
    public void Text_is_unchanged_up_to_the_limit_of_SecureString()
    {
        Assert.Equal("a\0é", "a\0é".ToSecureString().ToPlainText());
        Assert.Equal(new string('x', 65_536), new string('x', 65_537).ToSecureString().ToPlainText());
    }

    [Fact]
    public void SecureString_is_read_only() => Assert.True("x".ToSecureString().IsReadOnly());
}
