using System.ComponentModel.DataAnnotations;

namespace EquinixOtp.Emulator;

/// <summary>
/// A fault of an operation: another response, an ended connection, a truncated response body or a delay. Predefined faults have names.
/// </summary>
public sealed record Fault
{
    /// <summary>
    /// The operation's id in the API: findEnsureOtp, findRecoveryCodes, receiveCodes or regenerateCodes; * for all of them.
    /// </summary>
    [Required]
    public string Operation { get; init; } = string.Empty;

    /// <summary>The name of a predefined fault: lost-response, gateway-page, outage, throttled or expired-session.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the fault occurs before or after the operation takes effect. Default: as the name defines, else before.</summary>
    public FaultTiming? When { get; init; }

    /// <summary>The status code of the response, from 200 to 599.</summary>
    public int? Status { get; init; }

    /// <summary>The headers of the response. The Content-Type of a body is application/json unless set here.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The response body.</summary>
    public string? Body { get; init; }

    /// <summary>A delay of up to one hour, alone or before the rest of the fault.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>How the connection ends.</summary>
    public ConnectionEnd? Connection { get; init; }

    /// <summary>How much of the response is sent before the connection ends. Default: before-headers.</summary>
    public ConnectionPoint? At { get; init; }

    /// <summary>The number of bytes to which the response body of the operation is truncated. The response stays valid HTTP.</summary>
    public int? Truncate { get; init; }

    /// <summary>The number of requests to which the fault still applies, at least 1. If missing: all, until it is deleted.</summary>
    public int? Count { get; init; }

    /// <summary>The name or the kind of the fault, for the journal.</summary>
    internal string Summary => Name
        ?? (Connection is { } end ? end == ConnectionEnd.Close ? "close" : "reset"
            : Status is not null ? "status"
            : Truncate is not null ? "truncate"
            : "delay");
}

/// <summary>When a fault occurs.</summary>
public enum FaultTiming
{
    /// <summary>Before the operation, which then does not take effect. A delay alone only delays the operation.</summary>
    Before,

    /// <summary>After the operation has taken effect.</summary>
    After,
}

/// <summary>How a fault ends a connection.</summary>
public enum ConnectionEnd
{
    /// <summary>The emulator closes the connection: TCP FIN.</summary>
    Close,

    /// <summary>The emulator resets the connection: TCP RST.</summary>
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

    /// <summary>The complete response.</summary>
    AfterBody,
}
