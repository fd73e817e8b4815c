using System.IO.Compression;

namespace EquinixOtp.Tests;

/// <summary>Advances the client's clock: <see cref="Task.Delay(TimeSpan, CancellationToken)"/>, or a test's clock.</summary>
internal delegate Task Pass(TimeSpan time, CancellationToken stop);

/// <summary>Serves a connection.</summary>
internal delegate Task Serve(LoopbackConnection connection, Pass pass);

/// <summary>A fault of a server, and the outcome of a call.</summary>
/// <param name="Serve">Serves each connection.</param>
internal sealed record Fault(Serve Serve)
{
    /// <summary>The error id of an operation that returns recovery codes; null for success.</summary>
    public string? Codes { get; init; }

    /// <summary>The error id of a verification; null for success.</summary>
    public string? Verify { get; init; }

    /// <summary>The error id of an operation without a result; null for success.</summary>
    public string? Sms { get; init; }

    /// <summary>Whether a GET is retried. A POST never is.</summary>
    public bool RepeatsGet { get; init; }

    /// <summary>Whether the server reads the request first.</summary>
    public bool ReadsRequest { get; init; } = true;

    /// <summary>Whether the client may find that the connection never opened, and retry a POST.</summary>
    public bool MayNeverOpen { get; init; }

    public string? ErrorId(Operation operation) =>
        operation.IsVerify() ? Verify : operation.ReadsCodes() ? Codes : Sms;
}

internal static class Faults
{
    /// <summary>The timeout of an attempt, on the clock of the fault.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private const string Body = """{"recovery_codes":["canaryCode-1","canaryCode-2"],"token":"canarySession"}""";
    private const string Page = "\r\n<!DOCTYPE html><html>canary</html>";
    private const string Chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly string s_headers = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n";
    private static readonly string s_good = $"{s_headers}\r\n{Body}";

    public static IReadOnlyDictionary<string, Fault> All { get; } = new Dictionary<string, Fault>
    {
        // Connection.
        ["accepted and closed"] = Lost(_ => Task.CompletedTask) with { ReadsRequest = false },
        ["accepted and reset"] = Lost(connection => Task.Run(connection.Reset)) with { ReadsRequest = false, MayNeverOpen = true },
        ["closed before the response"] = AfterRequest(Lost, ""),
        ["closed inside the status line"] = AfterRequest(Lost, "HTTP/1."),
        ["closed inside the headers"] = AfterRequest(Lost, s_headers),
        ["reset before the response"] = AfterRequest(Lost, connection => Task.Run(connection.Reset)),
        ["hung inside the request"] = Hung(connection => connection.ReadByteAsync().AsTask()) with { ReadsRequest = false },
        ["hung before the response"] = AfterRequest(Hung, ""),
        ["hung inside the headers"] = AfterRequest(Hung, s_headers),
        ["hung after the headers"] = AfterRequest(Hung, s_headers + "\r\n"),
        ["hung inside the body"] = AfterRequest(Hung, s_good[..^9]),
        ["hung inside a chunk"] = AfterRequest(Hung, Chunked + "64\r\n{"),
        ["hung before the last chunk"] = AfterRequest(Hung, $"{Chunked}{Body.Length:x}\r\n{Body}\r\n"),
        ["hung inside a failure's body"] = AfterRequest(Hung, Response.Json(400, Body)[..^9]),
        ["one byte a second"] = Slow(async (connection, pass) =>
        {
            await connection.ReadRequestAsync();
            await DripAsync(connection, pass, s_good.Select(c => $"{c}"));
        }),
        ["one byte of the body a second"] = Slow(async (connection, pass) =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(s_headers + "\r\n");
            await DripAsync(connection, pass, Body.Select(c => $"{c}"));
        }),
        ["endless 103 responses"] = Slow(async (connection, pass) =>
        {
            await connection.ReadRequestAsync();
            await DripAsync(connection, pass, Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 60));
        }),

        // Framing.
        ["reset after the headers"] = AfterRequest(Lost, WriteAndReset(s_headers + "\r\n")),
        ["reset inside the body"] = AfterRequest(Lost, WriteAndReset(s_good[..^9])),
        ["body shorter than its length"] = AfterRequest(Cut, s_good[..^9]),
        ["body longer than its length"] = Good(s_good + Body),
        ["a second response behind the first"] = Good(s_good + Response.Json(500, Body)),
        ["chunked"] = Good($"{Chunked}1\r\n{Body[0]}\r\n{Body.Length - 1:x};x=y\r\n{Body[1..]}\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        ["chunked and cut"] = AfterRequest(Cut, $"{Chunked}{Body.Length:x}\r\n{Body[..9]}"),
        ["chunked and cut between chunks"] = AfterRequest(Cut, $"{Chunked}{Body.Length:x}\r\n{Body}\r\n"),
        ["chunk size that is not a number"] = AfterRequest(Cut, $"{Chunked}x\r\n{Body}\r\n0\r\n\r\n"),
        ["chunk size of 68 bits"] = AfterRequest(Cut, $"{Chunked}fffffffffffffffff\r\n{Body}\r\n0\r\n\r\n"),
        ["HTTP/1.0 with close"] = Good($"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{Body}"),
        ["no length and close"] = Good($"HTTP/1.1 200 OK\r\n\r\n{Body}"),
        ["100, 103 and 102 first"] = Good("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n" + s_good),
        ["101"] = Invalid("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + Body),
        ["204 with a body"] = Codes(Response.Json(204, Body)),
        ["205 with a body"] = Good(Response.Json(205, Body)),
        ["200 without a body"] = Codes(Response.Json(200, string.Empty)),
        ["empty 400"] = Rejected(Response.Create(400, string.Empty)),
        ["empty 422 and close"] = Invalid("HTTP/1.1 422 No\r\n\r\n"),
        ["400 cut short"] = Invalid(Response.Json(400, Body)[..^9]),
        ["400 with 100 MiB"] = AfterRequest(
            Cut, connection => FloodAsync(connection, "HTTP/1.1 400 No\r\nContent-Length: 104857600\r\n\r\n", 100)),
        ["400 that never ends"] = AfterRequest(Cut, connection => FloodAsync(connection, "HTTP/1.1 400 No\r\n\r\n", int.MaxValue)),

        // Malformed HTTP.
        ["another protocol"] = NotHttp("SSH-2.0-OpenSSH_9.9\r\n"),
        ["TLS to plain HTTP"] = NotHttp("\u0015\u0003\u0001\0\u0002\u0002\u0046"),
        ["status that is not a number"] = NotHttp("HTTP/1.1 x OK\r\n\r\n"),
        ["header without a colon"] = NotHttp("HTTP/1.1 200 OK\r\nx\r\n\r\n"),
        ["header with a NUL"] = Good($"HTTP/1.1 200 OK\r\nX-Request-Id: \0\r\n\r\n{Body}"),
        ["two lengths"] = Invalid($"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"),
        ["negative length"] = Good($"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{Body}"),
        ["length of 20 digits"] = Good($"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{Body}"),
        ["header block of 1 MiB"] = NotHttp($"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 1024 * 1024)}\r\n\r\n"),
        ["header block that never ends"] = AfterRequest(
            Lost, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\nX-Long: ", int.MaxValue)),
        ["trailers of 1 MiB"] = AfterRequest(
            Cut, $"{Chunked}{Body.Length:x}\r\n{Body}\r\n0\r\nX-Long: {new string('x', 1024 * 1024)}\r\n\r\n"),

        // Size.
        ["body of 100 MiB"] = AfterRequest(
            Cut, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", 100)),
        ["body that never ends"] = AfterRequest(Cut, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\n\r\n", int.MaxValue)),
        ["chunks that never ends"] = AfterRequest(Cut, async connection =>
        {
            await connection.WriteAsync(Chunked);
            while (true)
            {
                await connection.WriteAsync("10000\r\n" + new string(' ', 65536) + "\r\n");
            }
        }),
        ["gzip bomb"] = AfterRequest(Cut, async connection =>
        {
            byte[] bomb = Gzip(100 * 1024 * 1024);
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\n\r\n");
            await connection.WriteAsync(bomb);
        }),

        // Body.
        ["JSON with a BOM"] = Good(Response.Json(200, '\uFEFF' + Body)),
        ["nested 100,000 deep"] = Invalid(Response.Json(200, new string('[', 100_000) + new string(']', 100_000))),
        ["codes beside a value nested 100,000 deep"] = Invalid(Response.Json(
            200, $$"""{"recovery_codes":["canary"],"x":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""")),
        ["duplicate keys"] = Invalid(Response.Json(200, """{"recovery_codes":["canary"],"recovery_codes":["canary2"],"token":"canary"}""")),
        ["type names"] = Good(Response.Json(
            200, """{"$type":"System.IO.FileInfo, System.Private.CoreLib","__type":"x","recovery_codes":["canary"],"$ref":"1"}""")),
        ["a type name for the codes"] = Codes(Response.Json(
            200, """{"recovery_codes":{"$type":"System.String[]","$values":["canary"]}}""")),
        ["a 200 with an error"] = Invalid(Response.Json(200, """{"error":"Invalid OTP","recovery_codes":["canary"]}""")),
        ["a 403 without a message"] = Invalid(Response.Json(403, "{}")),
        ["truncated JSON"] = Invalid(Response.Json(200, Body[..^9])),
        ["JSON with comments"] = Good(Response.Json(200, "/* canary */" + Body)),
        ["a number of 100,000 digits"] = Codes(Response.Json(200, $$"""{"recovery_codes":{{new string('9', 100_000)}}}""")),
        ["not JSON"] = Invalid(Response.Json(200, "canary")),
        ["HTML"] = Invalid(Response.Create(200, Body, "Content-Type: text/html")),
        ["HTML in capitals"] = Invalid(Response.Create(200, Body, "Content-Type: TEXT/HTML; Charset=UTF-8")),
        ["HTML of a malformed type"] = Invalid(Response.Create(200, Body, "Content-Type: text/html; charset=\"")),
        ["HTML of two types"] = Invalid(Response.Create(200, Body, "Content-Type: text/html", "Content-Type: application/json")),
        ["XHTML"] = Invalid(Response.Create(200, Body, "Content-Type: application/xhtml+xml")),
        ["HTML with a 401"] = Invalid(Response.Create(401, """{"error":"Invalid OTP"}""", "Content-Type: text/html")),
        ["HTML without a type"] = AfterRequest(Cut, Response.Create(200, Page)),

        // Messages.
        ["a message with ANSI escapes"] = Rejected(Response.Json(400, """{"error":"\u001b[2J\u001b]0;title\u0007 \u009b31m"}""")),
        ["a message with line ends"] = Rejected(Response.Json(400, """{"errors":["a\r\nVERBOSE: forged","b\u0085\u2028\u2029"]}""")),
        ["a message of 1 MiB"] = Invalid(Response.Json(400, $$"""{"error":"{{new string('\u0100', 512 * 1024)}}"}""")),
        ["a message just under 1 MiB"] = Rejected(Response.Json(400, $$"""{"error":"{{new string('x', 1_000_000)}}"}""")),
        ["100,000 messages"] = Rejected(Response.Json(400, $$"""{"errors":[{{string.Join(',', Enumerable.Repeat("\"x\"", 100_000))}}]}""")),
        ["the token repeated"] = Rejected(Response.Json(
            400, $$"""{"error":"No {{Canary.Token}}"}""", $"X-Request-Id: {Canary.Token}", $"{Canary.Token}: x")),
        ["request id with escapes"] = Rejected(Response.Json(
            400, Response.Error, "X-Request-Id: \u001B[31m" + new string('x', 2000), "X-Request-Id: 2")),

        // Secrets repeated: the request's, and those of the response itself.
        ["repeats the secrets in another protocol"] = Repeating(Lost, said => $"SSH-2.0 {said}\r\n"),
        ["repeats the secrets in a malformed header"] = Repeating(Lost, said => $"HTTP/1.1 200 OK\r\n{said}\r\n\r\n"),
        ["repeats the secrets in a malformed length"] = Repeating(Cut, said => $"HTTP/1.1 200 OK\r\nContent-Length: {said}\r\n\r\n"),
        ["repeats the secrets in a chunk's size"] = Repeating(Cut, said => $"{Chunked}{said}\r\n{Body}\r\n0\r\n\r\n"),
        ["repeats the secrets in a page"] = Repeating(
            Every(MetalErrorIds.InvalidResponse), said => Response.Create(200, $"<html>{said}</html>", "Content-Type: text/html")),
        ["repeats the secrets in text that is not JSON"] = Repeating(Cut, said => Response.Json(200, said)),
        ["repeats the secrets in JSON of the wrong shape"] = Repeating(
            Unread, said => Response.Json(200, $$"""{"recovery_codes":["{{said}}",7],"token":["{{said}}"]}""")),
        ["repeats the secrets in a redirect"] = Repeating(
            Every(MetalErrorIds.UnexpectedRedirect),
            said => Response.Create(302, "", $"Location: https://127.0.0.1/{Uri.EscapeDataString(said)}")),
        ["repeats the secrets in a 400"] = Repeating(Rejected, 400),
        ["repeats the secrets in a 401"] = Repeating(Every(MetalErrorIds.Unauthorized), 401) with { Verify = MetalErrorIds.OtpRejected },
        ["repeats the secrets in a 403"] = Repeating(Every(MetalErrorIds.Forbidden), 403) with { Verify = MetalErrorIds.OtpRejected },
        ["repeats the secrets in a 404"] = Repeating(Every(MetalErrorIds.NotFound), 404),
        ["repeats the secrets in a 424"] = Repeating(Rejected, 424),
        ["repeats the secrets in a 429 with a long wait"] = Repeating(Every(MetalErrorIds.RateLimited), 429, "Retry-After: 3600"),
        // With "Connection: close": the retry needs a connection that the server still serves.
        ["repeats the secrets in a 500"] = Repeating(Every(MetalErrorIds.ServerError), 500, "Connection: close") with { RepeatsGet = true },
        ["repeats the secrets in a 503's page"] = Repeating(
            Every(MetalErrorIds.ServerError),
            said => Response.Create(503, $"<html>{said}</html>", "Content-Type: text/html", "Connection: close"))
        with
        { RepeatsGet = true },
        ["repeats the secrets in the headers of a success"] = Repeating(
            Every(null), said => Response.Json(200, Body, $"X-Request-Id: {said}", $"Set-Cookie: {said}", $"X-Echo: {said}")),
    };

    // The same outcome for all operations.
    private static Func<Serve, Fault> Every(string? errorId) => serve => new(serve) { Codes = errorId, Verify = errorId, Sms = errorId };

    private static Fault Lost(Serve serve) => Every(MetalErrorIds.ConnectionFailed)(serve) with { RepeatsGet = true };

    private static Fault Lost(Func<LoopbackConnection, Task> serve) => Lost((connection, _) => serve(connection));

    private static Fault Slow(Serve serve) => Every(MetalErrorIds.Timeout)(serve) with { RepeatsGet = true };

    private static Fault Hung(Serve serve) => Slow(async (connection, pass) =>
    {
        await serve(connection, pass);
        await connection.HangAsync();
    });

    private static Fault Hung(Func<LoopbackConnection, Task> serve) => Hung((connection, _) => serve(connection));

    // A 2xx, or the start of a rejection, whose body cannot be read.
    private static Fault Cut(Serve serve) => Every(MetalErrorIds.InvalidResponse)(serve);

    private static Fault AfterRequest(Func<Serve, Fault> kind, Func<LoopbackConnection, Task> serve) => kind(async (connection, _) =>
    {
        await connection.ReadRequestAsync();
        await serve(connection);
    });

    private static Fault AfterRequest(Func<Serve, Fault> kind, string response) =>
        AfterRequest(kind, connection => connection.WriteAsync(response));

    private static Fault Outcome(string response, string? errorId) => AfterRequest(Every(errorId), response);

    // Only recovery codes are missing.
    private static Fault Unread(Serve serve) => new(serve) { Codes = MetalErrorIds.InvalidResponse };

    private static Fault Repeating(Func<Serve, Fault> kind, Func<string, string> respond) => kind(async (connection, _) =>
    {
        if (await connection.ReadRequestAsync() is { } request)
        {
            string token = request.Header("X-Auth-Token")!;
            string proxy = request.Header("Proxy-Authorization") ?? string.Empty;
            await connection.WriteAsync(respond($"{token} {token.ToUpperInvariant()} {proxy} in {request.Target}"));
        }
    });

    private static Fault Repeating(Func<Serve, Fault> kind, int status, params string[] headers) => Repeating(kind, said => Response.Json(
        status,
        $$"""
        {"errors":["{{said}}"],"error":"{{said}}","recovery_codes":["{{Canary.RecoveryCodes[0]}}"],"token":"{{Canary.SessionToken}}"}
        """,
        [$"X-Request-Id: {said}", $"Set-Cookie: {Canary.SessionToken}", $"X-Echo: {said}", .. headers]));

    private static Fault Good(string response) => Outcome(response, null);

    private static Fault Invalid(string response) => Outcome(response, MetalErrorIds.InvalidResponse);

    private static Fault NotHttp(string response) => Outcome(response, MetalErrorIds.ConnectionFailed) with { RepeatsGet = true };

    private static Fault Rejected(Serve serve) => Every(MetalErrorIds.RequestRejected)(serve) with { Verify = MetalErrorIds.OtpRejected };

    private static Fault Rejected(string response) => AfterRequest(Rejected, response);

    // A success without recovery codes.
    private static Fault Codes(string response) => Good(response) with { Codes = MetalErrorIds.InvalidResponse };

    private static Func<LoopbackConnection, Task> WriteAndReset(string response) => async connection =>
    {
        await connection.WriteAsync(response);
        connection.Reset();
    };

    // Until the attempt's timeout and no longer: the next attempt has the same clock.
    private static async Task DripAsync(LoopbackConnection connection, Pass pass, IEnumerable<string> drops)
    {
        foreach (string drop in drops.Take((int)Timeout.TotalSeconds))
        {
            await connection.WriteAsync(drop);
            await pass(TimeSpan.FromSeconds(1), connection.Stop);
        }

        await connection.ClientClosesAsync();
    }

    private static async Task FloodAsync(LoopbackConnection connection, string head, int mebibytes)
    {
        await connection.WriteAsync(head);
        byte[] block = new byte[1024 * 1024];
        Array.Fill(block, (byte)'x');
        for (int i = 0; i < mebibytes; i++)
        {
            await connection.WriteAsync(block);
        }
    }

    private static byte[] Gzip(int length)
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest))
        {
            byte[] block = new byte[1024 * 1024];
            for (int i = 0; i < length; i += block.Length)
            {
                gzip.Write(block);
            }
        }

        return bomb.ToArray();
    }
}
