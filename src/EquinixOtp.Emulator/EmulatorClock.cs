namespace EquinixOtp.Emulator;

/// <summary>A clock that can be advanced. Its timers run on the underlying clock and ignore the offset.</summary>
internal sealed class EmulatorClock(TimeProvider inner) : TimeProvider
{
    private long _offset;

    /// <summary>The maximum total offset from the underlying clock.</summary>
    internal static TimeSpan MaxOffset => TimeSpan.FromDays(3660);

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow().AddTicks(Volatile.Read(ref _offset));

    public override long GetTimestamp() =>
        inner.GetTimestamp() + (long)((Int128)Volatile.Read(ref _offset) * TimestampFrequency / TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);

    /// <summary>Advances the clock. Returns false and does nothing if the time is not positive or exceeds the maximum offset.</summary>
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

    /// <summary>Sets the offset to zero.</summary>
    internal void Reset() => Volatile.Write(ref _offset, 0);
}
