namespace EquinixOtp.Emulator;

/// <summary>The state that an emulator keeps between requests.</summary>
internal sealed class EmulatorState
{
    private readonly IReadOnlyList<Fault> _initialFaults;

    internal EmulatorState(EmulatorOptions options, IReadOnlyList<Fault> faults, TimeProvider time)
    {
        Clock = new(time);
        Accounts = new(options, Clock);
        RateLimiter = options.RateLimit is { } limit ? new(limit, Clock) : null;
        _initialFaults = faults;
        AddInitialFaults();
    }

    internal EmulatorClock Clock { get; }

    internal AccountStore Accounts { get; }

    internal FaultList Faults { get; } = new();

    internal RequestJournal Journal { get; } = new();

    internal RateLimiter? RateLimiter { get; }

    /// <summary>Restores the initial state.</summary>
    internal void Reset()
    {
        Clock.Reset();
        Accounts.Reset();
        RateLimiter?.Reset();
        Journal.Clear();
        Faults.Clear();
        AddInitialFaults();
    }

    private void AddInitialFaults()
    {
        foreach (Fault fault in _initialFaults)
        {
            Faults.TryAdd(fault);
        }
    }
}
