using System.Collections.Concurrent;

namespace EquinixOtp.Emulator;

/// <summary>
/// Limits the requests of each account in fixed windows of one minute of the emulator's clock. The framework's limiter follows the system
/// clock.
/// </summary>
internal sealed class RateLimiter(int requestsPerMinute, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly ConcurrentDictionary<int, Window> _windows = new();

    /// <summary>Counts a request. Returns null if it is within the limit, otherwise the time until the next window.</summary>
    /// <param name="account">The account's number; 0 for all requests without a valid token.</param>
    internal TimeSpan? Count(int account)
    {
        long elapsed = time.GetElapsedTime(_start).Ticks;
        long minute = elapsed / TimeSpan.TicksPerMinute;
        Window window = _windows.GetOrAdd(account, _ => new());
        lock (window)
        {
            if (minute > window.Minute)
            {
                (window.Minute, window.Requests) = (minute, 0);
            }

            if (window.Requests < requestsPerMinute)
            {
                window.Requests++;
                return null;
            }
        }

        return TimeSpan.FromTicks(TimeSpan.TicksPerMinute - (elapsed % TimeSpan.TicksPerMinute));
    }

    internal void Reset() => _windows.Clear();

    private sealed class Window
    {
        public long Minute { get; set; } = -1;

        public int Requests { get; set; }
    }
}
