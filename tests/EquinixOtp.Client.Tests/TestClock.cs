using Microsoft.Extensions.Time.Testing;

namespace EquinixOtp.Client.Tests;

/// <summary>A clock that stands still until told, and that knows which timers run on it, so that a test can wait for one.</summary>
internal sealed class TestClock : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<KnownTimer> _timers = [];

    public TestClock()
        : base(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new KnownTimer(this, dueTime);
        timer.Inner = base.CreateTimer(
            state =>
            {
                timer.DueTime = Timeout.InfiniteTimeSpan;
                callback(state);
            },
            state,
            dueTime,
            period);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Waits until a timer of exactly this long runs, then moves the clock to its end.</summary>
    public async Task AdvanceWhenDueAsync(TimeSpan dueTime)
    {
        await Condition.IsTrueAsync(() => Runs(dueTime));
        Advance(dueTime);
    }

    private bool Runs(TimeSpan dueTime)
    {
        lock (_lock)
        {
            // Timers have whole milliseconds, as .NET's own.
            return _timers.Any(timer => Math.Abs((timer.DueTime - dueTime).TotalMilliseconds) < 1);
        }
    }

    private sealed class KnownTimer(TestClock clock, TimeSpan dueTime) : ITimer
    {
        public ITimer? Inner { get; set; }

        public TimeSpan DueTime { get; set; } = dueTime;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool changed = Inner!.Change(dueTime, period);
            DueTime = dueTime;
            return changed;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
            }

            Inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
