namespace EquinixOtp.Emulator;

/// <summary>The last requests to the emulated API.</summary>
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
/// <param name="Time">When it arrived, by the emulator's clock.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path as received, its first 256 characters.</param>
internal sealed record JournalEntry(DateTimeOffset Time, string Method, string Path)
{
    /// <summary>The API's id of the operation; missing if the path is none.</summary>
    public string? Operation { get; init; }

    /// <summary>The number of the account that the token belongs to; missing if the token is invalid.</summary>
    public int? Account { get; init; }

    /// <summary>The status code of the response; missing if none was sent, or not yet.</summary>
    public int? Status { get; set; }

    /// <summary>The fault that was applied: its name, or its kind; missing if there was none.</summary>
    public string? Fault { get; set; }
}
