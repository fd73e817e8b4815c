namespace EquinixOtp.Emulator;

/// <summary>The last 1000 requests to the emulated API.</summary>
internal sealed class RequestJournal
{
    internal const int Capacity = 1000;
    private const int MaxPathLength = 256;

    private readonly Lock _lock = new();
    private readonly Queue<JournalEntry> _entries = new();

    internal IReadOnlyList<JournalEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    internal JournalEntry Add(DateTimeOffset time, string? operation, string method, string path, int? account)
    {
        var entry = new JournalEntry(time, method, path.Length > MaxPathLength ? path[..MaxPathLength] : path)
        {
            Operation = operation,
            Account = account,
        };
        lock (_lock)
        {
            if (_entries.Count == Capacity)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(entry);
        }

        return entry;
    }

    internal void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
        }
    }
}

/// <summary>A request to the emulated API.</summary>
/// <param name="Time">When it was received, by the emulator's clock.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The first 256 characters of the path as received.</param>
internal sealed record JournalEntry(DateTimeOffset Time, string Method, string Path)
{
    /// <summary>The operation's id in the API; missing if the request matches none.</summary>
    public string? Operation { get; init; }

    /// <summary>The number of the token's account; missing if the token is invalid.</summary>
    public int? Account { get; init; }

    /// <summary>The status code of the response; missing if no response has been sent.</summary>
    public int? Status { get; set; }

    /// <summary>The name or the kind of the fault that occurred; missing if none did.</summary>
    public string? Fault { get; set; }
}
