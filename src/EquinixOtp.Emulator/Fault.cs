using System.ComponentModel.DataAnnotations;

namespace EquinixOtp.Emulator;

/// <summary>
/// Something that goes wrong with an operation: a response of its own, a connection that ends, a response that is cut short, or
/// a delay alone. A ready-made fault has a name.
/// </summary>
public sealed record Fault
{
    /// <summary>
    /// The operation's id in the API: findEnsureOtp, findRecoveryCodes, receiveCodes or regenerateCodes; * for each of them.
    /// </summary>
    [Required]
    public string Operation { get; init; } = string.Empty;

    /// <summary>A ready-made fault: lost-response, gateway-page, outage, throttled or expired-session.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it strikes before or after the operation's effect. Before, if neither this nor the name says otherwise.</summary>
    public FaultTiming? When { get; init; }

    /// <summary>The status code to respond with, from 200 to 599.</summary>
    public int? Status { get; init; }

    /// <summary>The headers of the response. A Content-Type of JSON is added to a body that has none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The response body.</summary>
    public string? Body { get; init; }

    /// <summary>How long to wait, up to an hour: alone, or in addition to the rest of the fault.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Ends the connection, by closing or resetting it.</summary>
    public ConnectionEnd? Connection { get; init; }

    /// <summary>How much of the response is sent before the connection ends. Nothing by default.</summary>
    public ConnectionPoint? At { get; init; }

    /// <summary>Responds with only so many first bytes of the operation's body, in a response that is well formed otherwise.</summary>
    public int? Truncate { get; init; }

    /// <summary>How many more requests it applies to, at least 1; missing for all until it is deleted.</summary>
    public int? Count { get; init; }

    /// <summary>The fault in a word, for the journal.</summary>
    internal string Summary => Name
        ?? (Connection is { } end ? end == ConnectionEnd.Close ? "close" : "reset"
            : Status is not null ? "status"
            : Truncate is not null ? "truncate"
            : "delay");
}

/// <summary>When a fault strikes.</summary>
public enum FaultTiming
{
    /// <summary>Before the operation takes effect, and in its place; a delay alone only holds it up.</summary>
    Before,

    /// <summary>After the operation took effect.</summary>
    After,
}

/// <summary>How a fault ends a connection.</summary>
public enum ConnectionEnd
{
    /// <summary>In order, with a TCP FIN.</summary>
    Close,

    /// <summary>With a TCP RST.</summary>
    Reset,
}

/// <summary>How much of a response is sent before a connection ends.</summary>
public enum ConnectionPoint
{
    /// <summary>Nothing.</summary>
    BeforeHeaders,

    /// <summary>Half of the status line and headers.</summary>
    InHeaders,

    /// <summary>The status line and all headers.</summary>
    AfterHeaders,

    /// <summary>The headers and half of the body.</summary>
    InBody,

    /// <summary>All of it.</summary>
    AfterBody,
}
