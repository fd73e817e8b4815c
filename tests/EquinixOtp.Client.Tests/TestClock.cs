using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace EquinixOtp.Client.Tests;

/// <summary>A clock that moves only when told to, on which a test can wait for a timer to start.</summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
{
    private readonly ConcurrentQueue<TimeSpan> _started = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _started.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer of this length starts, then moves the clock to its end.</summary>
    public async Task AdvanceWhenStartedAsync(TimeSpan dueTime)
    {
        int before = _started.Count;
        // Like .NET's timers, which round to whole milliseconds.
        await Condition.IsTrueAsync(() => _started.Skip(before).Any(started => Math.Abs((started - dueTime).TotalMilliseconds) < 1));
        Advance(dueTime);
    }
}
