namespace EquinixOtp.Emulator;

/// <summary>The active faults, oldest first.</summary>
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

    /// <summary>Adds a resolved fault. Returns false if the list is full.</summary>
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

    /// <summary>Returns the oldest fault that applies to a request and decrements its count; null if none applies.</summary>
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
