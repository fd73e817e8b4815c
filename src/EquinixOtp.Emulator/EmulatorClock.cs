namespace EquinixOtp.Emulator;

/// <summary>A clock that can be moved forward. Timers are not affected: they keep running on the underlying clock.</summary>
internal sealed class EmulatorClock(TimeProvider inner) : TimeProvider
{
    private long _offset;

    /// <summary>The most that the clock can be ahead of the underlying one, in total.</summary>
    internal static TimeSpan MaxOffset => TimeSpan.FromDays(3660);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow().AddTicks(Volatile.Read(ref _offset));

    public override long GetTimestamp() =>
        inner.GetTimestamp() + (long)((Int128)Volatile.Read(ref _offset) * TimestampFrequency / TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);

    /// <summary>Moves the clock forward. Returns false, without effect, if the time is not positive or too long.</summary>
    internal bool TryAdvance(TimeSpan time)
    {
        while (true)
        {
            long offset = Volatile.Read(ref _offset);
            if (time <= TimeSpan.Zero || time > MaxOffset - TimeSpan.FromTicks(offset))
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _offset, offset + time.Ticks, offset) == offset)
            {
                return true;
            }
        }
    }

    /// <summary>Returns to the time of the underlying clock.</summary>
    internal void Reset() => Volatile.Write(ref _offset, 0);
}
