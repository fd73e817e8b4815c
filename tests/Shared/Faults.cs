using System.IO.Compression;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>Lets time pass for the client: <see cref="Task.Delay(TimeSpan, CancellationToken)"/>, or a test's clock.</summary>
internal delegate Task Pass(TimeSpan time, CancellationToken stop);

/// <summary>What a server does with a connection.</summary>
internal delegate Task Serve(LoopbackConnection connection, Pass pass);

/// <summary>What a server can do to a call, and what comes of it.</summary>
/// <param name="Serve">What the server does with each connection, and with the client's clock.</param>
internal sealed record Fault(Serve Serve)
{
    /// <summary>The error id of a call that reads codes; null for success.</summary>
    public string? Codes { get; init; }

    /// <summary>The error id of a verification.</summary>
    public string? Verify { get; init; }

    /// <summary>The error id of a call that reads no answer but a failure's.</summary>
    public string? Sms { get; init; }

    /// <summary>The GET may be repeated after it. A POST never is.</summary>
    public bool RepeatsGet { get; init; }

    /// <summary>The server reads the request before it misbehaves.</summary>
    public bool ReadsRequest { get; init; } = true;

    /// <summary>It can be so fast that the connection never opens, and then a POST may be repeated too.</summary>
    public bool MayNeverOpen { get; init; }

    public string? ErrorId(Operation operation) =>
        operation.IsVerify() ? Verify : operation.ReadsCodes() ? Codes : Sms;
}

internal static class Faults
{
    /// <summary>How long an attempt may take on the clock of a fault.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private const string Body = """{"recovery_codes":["canaryCode-1","canaryCode-2"],"token":"canarySession"}""";
    private const string Page = "\r\n<!DOCTYPE html><html>canary</html>";
    private const string Chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly string s_headers = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n";
    private static readonly string s_good = $"{s_headers}\r\n{Body}";

    public static IReadOnlyDictionary<string, Fault> All { get; } = new Dictionary<string, Fault>
    {
        // The connection.
        ["accepted and closed"] = Lost(_ => Task.CompletedTask) with { ReadsRequest = false },
        ["accepted and reset"] = Lost(connection => Task.Run(connection.Reset)) with { ReadsRequest = false, MayNeverOpen = true },
        ["closed before the answer"] = AfterRequest(Lost, _ => Task.CompletedTask),
        ["closed inside the status line"] = AfterRequest(Lost, connection => connection.WriteAsync("HTTP/1.")),
        ["closed inside the headers"] = AfterRequest(Lost, connection => connection.WriteAsync(s_headers)),
        ["reset before the answer"] = AfterRequest(Lost, connection => Task.Run(connection.Reset)),
        ["reset inside the headers"] = AfterRequest(Lost, WriteAndReset(s_headers)),
        ["hung inside the request"] = Hung(connection => connection.ReadByteAsync().AsTask()) with { ReadsRequest = false },
        ["hung before the answer"] = AfterRequest(Hung, _ => Task.CompletedTask),
        ["hung inside the headers"] = AfterRequest(Hung, connection => connection.WriteAsync(s_headers)),
        ["hung after the headers"] = AfterRequest(Hung, connection => connection.WriteAsync(s_headers + "\r\n")),
        ["hung inside the body"] = AfterRequest(Hung, connection => connection.WriteAsync(s_good[..^9])),
        ["hung inside a chunk"] = AfterRequest(Hung, connection => connection.WriteAsync(Chunked + "64\r\n{")),
        ["hung before the last chunk"] = AfterRequest(Hung, connection => connection.WriteAsync($"{Chunked}{Body.Length:x}\r\n{Body}\r\n")),
        ["hung inside a failure's body"] = AfterRequest(Hung, connection => connection.WriteAsync(Response.Json(400, Body)[..^9])),
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
        ["103s without end"] = Slow(async (connection, pass) =>
        {
            await connection.ReadRequestAsync();
            await DripAsync(connection, pass, Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", (int)Timeout.TotalSeconds));
        }),

        // Framing.
        ["reset after the headers"] = AfterRequest(Lost, WriteAndReset(s_headers + "\r\n")),
        ["reset inside the body"] = AfterRequest(Lost, WriteAndReset(s_good[..^9])),
        ["body shorter than its length"] = AfterRequest(Cut, connection => connection.WriteAsync(s_good[..^9])),
        ["body longer than its length"] = Good(s_good + Body),
        ["another answer behind the first"] = Good(s_good + Response.Json(500, Body)),
        ["chunked"] = Good($"{Chunked}1\r\n{Body[0]}\r\n{Body.Length - 1:x};x=y\r\n{Body[1..]}\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        ["chunked and cut"] = AfterRequest(Cut, connection => connection.WriteAsync($"{Chunked}{Body.Length:x}\r\n{Body[..9]}")),
        ["chunked and cut between chunks"] = AfterRequest(Cut, connection => connection.WriteAsync($"{Chunked}{Body.Length:x}\r\n{Body}\r\n")),
        ["chunk size that is no number"] = AfterRequest(Cut, connection => connection.WriteAsync($"{Chunked}x\r\n{Body}\r\n0\r\n\r\n")),
        ["chunk size beyond any"] = AfterRequest(Cut, connection => connection.WriteAsync($"{Chunked}fffffffffffffffff\r\n{Body}\r\n0\r\n\r\n")),
        ["HTTP/1.0 with close"] = Good($"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{Body}"),
        ["no length and close"] = Good($"HTTP/1.1 200 OK\r\n\r\n{Body}"),
        ["100 first"] = Good("HTTP/1.1 100 Continue\r\n\r\n" + s_good),
        ["103 first"] = Good("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + s_good),
        ["100 and 103 and 102 first"] = Good("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + s_good),
        ["101"] = Invalid("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + Body),
        ["600"] = Invalid(Response.Json(600, Body)),
        ["999"] = Invalid(Response.Json(999, Body)),
        ["204 with a body"] = Codes(Response.Json(204, Body)),
        ["205 with a body"] = Good(Response.Json(205, Body)),
        ["200 without a body"] = Codes(Response.Json(200, string.Empty)),
        ["empty 400"] = Rejected(Response.Create(400, string.Empty)),
        ["empty 422 and close"] = Invalid("HTTP/1.1 422 No\r\n\r\n"),
        ["400 cut short"] = Invalid(Response.Json(400, Body)[..^9]),
        ["400 with 100 MiB"] = AfterRequest(
            Cut, connection => FloodAsync(connection, "HTTP/1.1 400 No\r\nContent-Length: 104857600\r\n\r\n", 100)),
        ["400 without end"] = AfterRequest(Cut, connection => FloodAsync(connection, "HTTP/1.1 400 No\r\n\r\n", int.MaxValue)),

        // What is hardly HTTP.
        ["another protocol"] = NotHttp("SSH-2.0-OpenSSH_9.9\r\n"),
        ["nothing but line ends"] = NotHttp("\r\n\r\n\r\n\r\n"),
        ["NULs"] = NotHttp(new string('\0', 100)),
        ["TLS to plain HTTP"] = NotHttp("\u0015\u0003\u0001\0\u0002\u0002\u0046"),
        ["status that is no number"] = NotHttp("HTTP/1.1 x OK\r\n\r\n"),
        ["status of one digit"] = NotHttp("HTTP/1.1 2 OK\r\n\r\n"),
        ["another version"] = NotHttp("HTTP/3.7 200 OK\r\n\r\n"),
        ["header without a colon"] = NotHttp("HTTP/1.1 200 OK\r\nx\r\n\r\n"),
        ["header with a NUL"] = Good($"HTTP/1.1 200 OK\r\nX-Request-Id: \0\r\n\r\n{Body}"),
        ["two lengths"] = Invalid($"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"),
        ["negative length"] = Good($"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{Body}"),
        ["length beyond any"] = Good($"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{Body}"),
        ["header block of 1 MiB"] = NotHttp($"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 1024 * 1024)}\r\n\r\n"),
        ["header block of 1 MiB in lines"] = NotHttp($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("X-Request-Id: x\r\n", 65536))}\r\n"),
        ["header block without end"] = AfterRequest(Lost, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\nX-Long: ", int.MaxValue)),
        ["trailers of 1 MiB"] = AfterRequest(Cut, connection => connection.WriteAsync(
            $"{Chunked}{Body.Length:x}\r\n{Body}\r\n0\r\nX-Long: {new string('x', 1024 * 1024)}\r\n\r\n")),

        // Size.
        ["body of 100 MiB"] = AfterRequest(Cut, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", 100)),
        ["body without end"] = AfterRequest(Cut, connection => FloodAsync(connection, "HTTP/1.1 200 OK\r\n\r\n", int.MaxValue)),
        ["chunks without end"] = AfterRequest(Cut, async connection =>
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
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\n\r\n");
            await connection.WriteAsync(bomb);
        }),

        // The body.
        ["JSON with a BOM"] = Good(Response.Json(200, '\uFEFF' + Body)),
        ["JSON in UTF-16 with a BOM"] = Bytes([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Body)]),
        ["JSON in UTF-16"] = Bytes(Encoding.Unicode.GetBytes(Body)),
        ["JSON in Latin-1"] = Bytes(Encoding.Latin1.GetBytes("""{"recovery_codes":["canaryé"]}""")),
        ["nested 100,000 deep"] = Invalid(Response.Json(200, new string('[', 100_000) + new string(']', 100_000))),
        ["codes beside what is nested 100,000 deep"] = Invalid(Response.Json(
            200, $$"""{"recovery_codes":["canary"],"x":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""")),
        ["duplicate keys"] = Invalid(Response.Json(200, """{"recovery_codes":["canary"],"recovery_codes":["canary2"],"token":"canary","token":"canary2"}""")),
        ["type names"] = Good(Response.Json(
            200, """{"$type":"System.IO.FileInfo, System.Private.CoreLib","__type":"x","recovery_codes":["canary"],"$id":"1","$ref":"1"}""")),
        ["a type name for the codes"] = Codes(Response.Json(200, """{"recovery_codes":{"$type":"System.String[]","$values":["canary"]}}""")),
        ["truncated JSON"] = Invalid(Response.Json(200, Body[..^9])),
        ["JSON with comments"] = Good(Response.Json(200, "/* canary */" + Body)),
        ["a number too long"] = Codes(Response.Json(200, $$"""{"recovery_codes":{{new string('9', 100_000)}}}""")),
        ["not JSON"] = Invalid(Response.Json(200, "canary")),
        ["HTML"] = Invalid(Response.Create(200, Page, "Content-Type: text/html")),
        ["HTML in capitals"] = Invalid(Response.Create(200, Page, "Content-Type: TEXT/HTML; Charset=UTF-8")),
        ["HTML of a broken type"] = Invalid(Response.Create(200, Page, "Content-Type: text/html; charset=\"")),
        ["HTML of two types"] = Invalid(Response.Create(200, Page, "Content-Type: text/html", "Content-Type: application/json")),
        ["XHTML"] = Invalid(Response.Create(200, Page, "Content-Type: application/xhtml+xml")),
        ["HTML of no type"] = AfterRequest(Cut, connection => connection.WriteAsync(Response.Create(200, Page))),

        // Messages.
        ["a message with ANSI escapes"] = Rejected(Response.Json(400, """{"error":"\u001b[2J\u001b]0;title\u0007 \u009b31m"}""")),
        ["a message with line ends"] = Rejected(Response.Json(400, """{"errors":["a\r\nVERBOSE: forged","b\u0085\u2028\u2029"]}""")),
        ["a message with bidirectional marks"] = Rejected(Response.Json(400, """{"error":"\u202e\u2066\u200f\ufeff"}""")),
        ["a message of 1 MiB"] = Invalid(Response.Json(400, $$"""{"error":"{{new string('\u0100', 512 * 1024)}}"}""")),
        ["a message just under 1 MiB"] = Rejected(Response.Json(400, $$"""{"error":"{{new string('x', 1_000_000)}}"}""")),
        ["100,000 messages"] = Rejected(Response.Json(400, $$"""{"errors":[{{string.Join(',', Enumerable.Repeat("\"x\"", 100_000))}}]}""")),
        ["the token repeated"] = Rejected(Response.Json(
            400, $$"""{"error":"No {{Canary.Token}}"}""", $"X-Request-Id: {Canary.Token}", $"X-Echo: {Canary.Token}", $"{Canary.Token}: x")),
        ["request id with escapes"] = Rejected(Response.Json(400, Response.Error, "X-Request-Id: \u001B[31m" + new string('x', 2000), "X-Request-Id: 2")),

        // Secrets said back: what the request has brought, and an answer's own.
        ["repeats the secrets in no HTTP"] = Repeating(Lost, said => $"SSH-2.0 {said}\r\n"),
        ["repeats the secrets in a broken header"] = Repeating(Lost, said => $"HTTP/1.1 200 OK\r\n{said}\r\n\r\n"),
        ["repeats the secrets in a broken length"] = Repeating(Cut, said => $"HTTP/1.1 200 OK\r\nContent-Length: {said}\r\n\r\n"),
        ["repeats the secrets in a chunk's size"] = Repeating(Cut, said => $"{Chunked}{said}\r\n{Body}\r\n0\r\n\r\n"),
        ["repeats the secrets in a page"] = Repeating(Every(MetalErrorIds.InvalidResponse), said => Response.Create(200, $"<html>{said}</html>", "Content-Type: text/html")),
        ["repeats the secrets in no JSON"] = Repeating(Cut, said => Response.Json(200, said)),
        ["repeats the secrets in JSON of the wrong shape"] = Repeating(Unread, said => Response.Json(200, $$"""{"recovery_codes":["{{said}}",7],"token":["{{said}}"]}""")),
        ["repeats the secrets in a redirect"] = Repeating(
            Every(MetalErrorIds.UnexpectedRedirect), said => Response.Create(302, string.Empty, $"Location: https://127.0.0.1/{Uri.EscapeDataString(said)}")),
        ["repeats the secrets in a 400"] = Repeating(Rejected, 400),
        ["repeats the secrets in a 401"] = Repeating(Every(MetalErrorIds.Unauthorized), 401) with { Verify = MetalErrorIds.OtpRejected },
        ["repeats the secrets in a 403"] = Repeating(Every(MetalErrorIds.Forbidden), 403) with { Verify = MetalErrorIds.OtpRejected },
        ["repeats the secrets in a 404"] = Repeating(Every(MetalErrorIds.NotFound), 404),
        ["repeats the secrets in a 424"] = Repeating(Rejected, 424),
        ["repeats the secrets in a 429 with a long wait"] = Repeating(Every(MetalErrorIds.RateLimited), 429, "Retry-After: 3600"),
        // Repeated at once, so the client must know that the connection ends.
        ["repeats the secrets in a 500"] = Repeating(Every(MetalErrorIds.ServerError), 500, "Connection: close") with { RepeatsGet = true },
        ["repeats the secrets in a 503's page"] = Repeating(
            Every(MetalErrorIds.ServerError), said => Response.Create(503, $"<html>{said}</html>", "Content-Type: text/html", "Connection: close"))
        with
        { RepeatsGet = true },
        ["repeats the secrets in a good answer's headers"] = Repeating(
            Every(null), said => Response.Json(200, Body, $"X-Request-Id: {said}", $"Set-Cookie: {said}", $"X-Echo: {said}")),
    };

    // An outcome that all operations have in common.
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

    // A success whose body is not the API's.
    private static Fault Cut(Serve serve) => Every(MetalErrorIds.InvalidResponse)(serve);

    private static Fault AfterRequest(Func<Serve, Fault> kind, Func<LoopbackConnection, Task> serve) => kind(async (connection, _) =>
    {
        await connection.ReadRequestAsync();
        await serve(connection);
    });

    private static Fault Outcome(string answer, string? errorId) => AfterRequest(Every(errorId), connection => connection.WriteAsync(answer));

    // Only codes need what can't be read.
    private static Fault Unread(Serve serve) => new(serve) { Codes = MetalErrorIds.InvalidResponse };

    private static Fault Repeating(Func<Serve, Fault> kind, Func<string, string> answer) => kind(async (connection, _) =>
    {
        if (await connection.ReadRequestAsync() is { } request)
        {
            string token = request.Header("X-Auth-Token")!;
            await connection.WriteAsync(answer($"{token} {token.ToUpperInvariant()} {request.Header("Proxy-Authorization")} in {request.Target}"));
        }
    });

    private static Fault Repeating(Func<Serve, Fault> kind, int status, params string[] headers) => Repeating(kind, said => Response.Json(
        status,
        $$"""{"errors":["{{said}}"],"error":"{{said}}","recovery_codes":["{{Canary.RecoveryCodes[0]}}"],"token":"{{Canary.SessionToken}}"}""",
        [$"X-Request-Id: {said}", $"Set-Cookie: {Canary.SessionToken}", $"X-Echo: {said}", .. headers]));

    private static Fault Good(string answer) => Outcome(answer, null);

    private static Fault Invalid(string answer) => Outcome(answer, MetalErrorIds.InvalidResponse);

    private static Fault NotHttp(string answer) => Outcome(answer, MetalErrorIds.ConnectionFailed) with { RepeatsGet = true };

    private static Fault Rejected(Serve serve) => Every(MetalErrorIds.RequestRejected)(serve) with { Verify = MetalErrorIds.OtpRejected };

    private static Fault Rejected(string answer) => AfterRequest(Rejected, connection => connection.WriteAsync(answer));

    // A success that says nothing of use.
    private static Fault Codes(string answer) => Good(answer) with { Codes = MetalErrorIds.InvalidResponse };

    private static Fault Bytes(byte[] body) => AfterRequest(Cut, async connection =>
    {
        await connection.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        await connection.WriteAsync(body);
    });

    private static Func<LoopbackConnection, Task> WriteAndReset(string answer) => async connection =>
    {
        await connection.WriteAsync(answer);
        connection.Reset();
    };

    // For as long as the attempt may take, and no longer: the clock is the next attempt's too.
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
