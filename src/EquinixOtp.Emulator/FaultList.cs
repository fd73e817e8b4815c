namespace EquinixOtp.Emulator;

/// <summary>The faults that are in force, in the order in which they were added.</summary>
internal sealed class FaultList
{
    internal const int Capacity = 100;

    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];

    internal IReadOnlyList<Fault> Faults
    {
        get
        {
            lock (_lock)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Adds a fault that was resolved. Returns false if there are too many.</summary>
    internal bool TryAdd(Fault fault)
    {
        lock (_lock)
        {
            if (_faults.Count == Capacity)
            {
                return false;
            }

            _faults.Add(fault);
            return true;
        }
    }

    internal void Clear()
    {
        lock (_lock)
        {
            _faults.Clear();
        }
    }

    /// <summary>Returns the first fault that applies to a request, and counts it; null if none does.</summary>
    internal Fault? Take(string operation, bool isSession)
    {
        lock (_lock)
        {
            int index = _faults.FindIndex(fault =>
                (fault.Operation == operation || fault.Operation == FaultResolver.AllOperations)
                && (isSession || fault.Name != FaultResolver.ExpiredSession));
            if (index < 0)
            {
                return null;
            }

            Fault fault = _faults[index];
            if (fault.Count == 1)
            {
                _faults.RemoveAt(index);
            }
            else if (fault.Count is not null)
            {
                _faults[index] = fault with { Count = fault.Count - 1 };
            }

            return fault;
        }
    }
}
