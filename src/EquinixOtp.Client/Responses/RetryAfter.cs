using System.Globalization;
using System.Net.Http.Headers;

namespace EquinixOtp.Client.Responses;

/// <summary>The <c>Retry-After</c> header (RFC 9110 section 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>
    /// Returns the wait, in seconds or until a date; <see cref="TimeSpan.MaxValue"/> if it exceeds a TimeSpan; null if the header is
    /// missing, past or invalid.
    /// </summary>
    // .NET's own RetryAfter property ignores seconds that exceed an int.
    public static TimeSpan? Parse(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (!headers.TryGetValues("Retry-After", out IEnumerable<string>? values))
        {
            return null;
        }

        string text = values.First().Trim();
        if (text.Length > 0 && text.All(c => c is >= '0' and <= '9'))
        {
            return double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double seconds)
                && seconds < TimeSpan.MaxValue.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : TimeSpan.MaxValue;
        }

        const DateTimeStyles Style = DateTimeStyles.AssumeUniversal;
        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, Style, out DateTimeOffset date)
            && date - now is { Ticks: > 0 } wait
            ? wait
            : null;
    }
}
