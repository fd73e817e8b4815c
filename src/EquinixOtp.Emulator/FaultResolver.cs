using System.Text.Json;

namespace EquinixOtp.Emulator;

/// <summary>Parses and validates faults, and expands the names of predefined ones.</summary>
internal static class FaultResolver
{
    internal const string AllOperations = "*";
    internal const string ExpiredSession = "expired-session";

    private static readonly string[] s_operations =
    [
        AllOperations, MetalApi.VerifyOtp, MetalApi.ListRecoveryCodes, MetalApi.SendSms, MetalApi.ResetRecoveryCodes,
    ];

    private static readonly string[] s_framingHeaders = ["Content-Length", "Transfer-Encoding", "Connection"];

    private static readonly Dictionary<string, Fault> s_named = new(StringComparer.Ordinal)
    {
        ["lost-response"] = new() { When = FaultTiming.After, Connection = ConnectionEnd.Close },
        ["gateway-page"] = new()
        {
            Status = StatusCodes.Status502BadGateway,
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/html" },
            Body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
        },
        ["outage"] = new() { Status = StatusCodes.Status503ServiceUnavailable, Body = """{"errors":["Service unavailable"]}""" },
        ["throttled"] = new()
        {
            Status = StatusCodes.Status429TooManyRequests,
            Headers = new Dictionary<string, string> { ["Retry-After"] = "60" },
            Body = """{"errors":["Too many requests"]}""",
        },
        [ExpiredSession] = new() { Status = StatusCodes.Status401Unauthorized, Body = """{"error":"Invalid authentication token"}""" },
    };

    /// <summary>The names of the predefined faults.</summary>
    internal static IEnumerable<string> Names => s_named.Keys;

    /// <summary>Parses a command line fault: JSON, or <c>name</c>, <c>operation:name</c> or <c>operation:name:count</c>.</summary>
    /// <returns>The fault, not yet resolved; null if the text cannot be parsed, with the reason in <paramref name="problem"/>.</returns>
    internal static Fault? Parse(string text, out string? problem)
    {
        problem = null;
        if (text.StartsWith('{'))
        {
            try
            {
                return JsonSerializer.Deserialize<Fault>(text, EmulatorJson.Options);
            }
            catch (JsonException exception)
            {
                problem = EmulatorJson.Describe(exception);
                return null;
            }
        }

        string[] parts = text.Split(':');
        switch (parts.Length)
        {
            case 1:
                return new() { Operation = AllOperations, Name = parts[0] };
            case 2:
                return new() { Operation = parts[0], Name = parts[1] };
            case 3 when int.TryParse(parts[2], out int count):
                return new() { Operation = parts[0], Name = parts[1], Count = count };
            default:
                problem = $"Invalid fault '{text}'. Use JSON, name, operation:name or operation:name:count.";
                return null;
        }
    }

    /// <summary>Expands the name of a fault and sets its defaults. Returns null and sets <paramref name="errors"/> if invalid.</summary>
    internal static Fault? Resolve(Fault given, out IReadOnlyList<string> errors)
    {
        List<string> problems = [];
        Fault fault = given;
        if (given.Name is not null)
        {
            if (s_named.TryGetValue(given.Name, out Fault? named))
            {
                fault = Merge(given, named);
                if (given.Status is not null || given.Body is not null || given.Connection is not null || given.Truncate is not null)
                {
                    problems.Add("A named fault cannot set status, body, connection or truncate.");
                }
            }
            else
            {
                problems.Add($"Unknown name '{given.Name}'. Use {string.Join(", ", Names)}, or omit the name.");
            }
        }

        problems.AddRange(FindProblems(fault, isKnown: given.Name is null || s_named.ContainsKey(given.Name)));
        errors = problems;
        return problems is [] ? fault with { When = fault.When ?? FaultTiming.Before } : null;
    }

    private static Fault Merge(Fault given, Fault named)
    {
        Dictionary<string, string> headers = new(named.Headers ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in given.Headers ?? new Dictionary<string, string>())
        {
            headers[name] = value;
        }

        return named with
        {
            Operation = given.Operation,
            Name = given.Name,
            When = given.When ?? named.When,
            Headers = headers.Count == 0 ? null : headers,
            Delay = given.Delay,
            At = given.At,
            Count = given.Count,
        };
    }

    private static IEnumerable<string> FindProblems(Fault fault, bool isKnown)
    {
        if (!s_operations.Contains(fault.Operation))
        {
            yield return $"Unknown operation '{fault.Operation}'. Use {string.Join(", ", s_operations)}.";
        }

        if (fault.Count < 1)
        {
            yield return "The count must be at least 1. Omit it to apply the fault to all requests.";
        }

        if (fault.Delay <= TimeSpan.Zero || fault.Delay > TimeSpan.FromHours(1))
        {
            yield return "The delay must be greater than 0 and at most one hour.";
        }

        if (fault.Status is < 200 or > 599)
        {
            yield return "The status must be from 200 to 599.";
        }

        if (fault.Truncate < 0)
        {
            yield return "Truncate must be at least 0.";
        }

        if (isKnown && fault is { Status: null, Connection: null, Truncate: null, Delay: null })
        {
            yield return "A fault requires a name, status, connection, truncate or delay.";
        }

        if (fault.Status is null && (fault.Headers is not null || fault.Body is not null))
        {
            yield return "Headers and body require a status.";
        }

        if (fault.Status is 204 or 205 or 304 && fault.Body is not null)
        {
            yield return $"A response with status {fault.Status} cannot have a body.";
        }

        foreach (string header in fault.Headers?.Where(header => !IsHeader(header.Key, header.Value)).Select(header => header.Key) ?? [])
        {
            yield return $"Invalid name or value of header '{header}', or a header that the emulator sets itself.";
        }

        if (fault.At is not null && fault.Connection is null)
        {
            yield return "At requires a connection, close or reset.";
        }

        bool hasResponse = fault.Status is not null || fault.When == FaultTiming.After;
        if (fault.At is not (null or ConnectionPoint.BeforeHeaders) && !hasResponse)
        {
            yield return "To send part of a response, set a status or set when to after.";
        }

        if (fault.Truncate is not null && (fault.Status is not null || fault.Connection is not null || fault.When != FaultTiming.After))
        {
            yield return "Truncate applies to the operation's response: set when to after, and neither status nor connection.";
        }
    }

    private static bool IsHeader(string name, string? value) =>
        value is not null
        && name.Length > 0
        && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
        && !s_framingHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
        && value.All(c => c is >= ' ' and <= '~' or '\t');
}
