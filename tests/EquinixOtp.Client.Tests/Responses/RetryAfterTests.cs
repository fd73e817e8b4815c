using System.Globalization;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Tests;

public class RetryAfterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData(" 7 ", 7)]
    [InlineData("2147483648", 2147483648)]
    [InlineData("922337203685", 922337203685)]
    [InlineData("Fri, 02 Jan 2026 03:04:45 GMT", 40)]
    [InlineData("Fri, 02 Jan 2026 03:05:06 GMT", 61)]
    [InlineData("Sat, 03 Jan 2026 03:04:05 GMT", 86400)]
    public void Seconds_and_dates_are_read(string value, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Parse(value));

    [Fact]
    public void Last_date_is_read() =>
        Assert.Equal(new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero) - s_now, Parse("Fri, 31 Dec 9999 23:59:59 GMT"));

    [Fact]
    public void Seconds_that_exceed_a_TimeSpan_are_the_longest_TimeSpan()
    {
        Assert.Equal(TimeSpan.MaxValue, Parse("922337203686"));
        Assert.Equal(TimeSpan.MaxValue, Parse("99999999999999999999999999"));
        Assert.Equal(TimeSpan.MaxValue, Parse(new string('9', 1000)));
    }

    [Theory]
    [InlineData("Fri, 02 Jan 2026 03:04:05 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("Thu, 02 Jan 2026 03:05:05 GMT")]
    [InlineData("Fri, 02 Jan 2026 03:05:05 +0100")]
    [InlineData("2026-01-02T03:05:06Z")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("٣")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData(" ")]
    public void Past_or_invalid_value_is_null(string value) => Assert.Null(Parse(value));

    [Fact]
    public void Missing_header_is_null()
    {
        using var response = new HttpResponseMessage();

        Assert.Null(RetryAfter.Parse(response.Headers, s_now));
    }

    [Fact]
    public void First_of_several_headers_counts() => Assert.Equal(TimeSpan.FromSeconds(7), Parse("7", "8"));

    [Fact]
    public void Value_is_read_independently_of_the_culture()
    {
        // It has another calendar, other digits and other names of days.
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");

        Assert.Equal(TimeSpan.FromSeconds(40), Parse("Fri, 02 Jan 2026 03:04:45 GMT"));
        Assert.Equal(TimeSpan.FromSeconds(7), Parse("7"));
    }

    private static TimeSpan? Parse(params string[] values)
    {
        using var response = new HttpResponseMessage();
        foreach (string value in values)
        {
            Assert.True(response.Headers.TryAddWithoutValidation("Retry-After", value));
        }

        return RetryAfter.Parse(response.Headers, s_now);
    }
}
