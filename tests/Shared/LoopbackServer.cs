using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>A server of raw sockets that behaves, or misbehaves, as its script says, and records all that it is sent.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly Func<LoopbackConnection, Task> _serve;
    private readonly bool _keepsRequests;
    private readonly X509Certificate2? _certificate;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentQueue<Exception> _scriptErrors = new();
    private readonly ConcurrentDictionary<LoopbackConnection, Task> _open = new();
    private int _connectionCount;
    private long _bytesWritten;

    /// <param name="serve">What to do with each connection. It closes when this ends.</param>
    /// <param name="certificate">What to speak TLS with, or null for plain HTTP.</param>
    /// <param name="address">Where to listen; 127.0.0.1 unless told otherwise.</param>
    /// <param name="port">The port; a free one unless told otherwise.</param>
    /// <param name="keepsRequests">False when there will be too many to keep.</param>
    /// <param name="asksForPassword">True for a proxy that asks for a password, before the script sees a request.</param>
    public LoopbackServer(
        Func<LoopbackConnection, Task> serve,
        X509Certificate2? certificate = null,
        IPAddress? address = null,
        int port = 0,
        bool keepsRequests = true,
        bool asksForPassword = false)
    {
        _keepsRequests = keepsRequests;
        AsksForPassword = asksForPassword;
        _serve = serve;
        _certificate = certificate;
        address ??= IPAddress.Loopback;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        BaseUrl = new Uri($"{(certificate is null ? "http" : "https")}://{new IPEndPoint(address, Port)}/metal/v1");
        _ = AcceptAsync();
    }

    public int Port { get; }

    public Uri BaseUrl { get; }

    public bool AsksForPassword { get; }

    /// <summary>Every whole request seen so far, in order.</summary>
    public IReadOnlyCollection<RecordedRequest> Requests => _requests;

    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    public int OpenConnectionCount => _open.Count;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Called when a script reaches the point from which it stays silent.</summary>
    public Action? Hanging { get; set; }

    /// <summary>A server that keeps connections open and gives the n-th request the n-th answer, and then the last one for ever.</summary>
    public static LoopbackServer Answering(params string[] answers)
    {
        int count = 0;
        return new LoopbackServer(connection => connection.AnswerAllAsync(
            _ => answers[Math.Min(Interlocked.Increment(ref count), answers.Length) - 1]));
    }

    /// <summary>A server that gives each call its own token back, as recovery code and as session token.</summary>
    public static LoopbackServer Echoing(bool keepsRequests = true) => new(
        connection => connection.AnswerAllAsync(request =>
        {
            string token = request.Header("X-Auth-Token")!;
            return Answer.Json(200, $$"""{"recovery_codes":["{{token}}"],"token":"{{token}}"}""");
        }),
        keepsRequests: keepsRequests);

    /// <summary>A port of 127.0.0.1 that nobody listens on, and that nobody is given while the result lives.</summary>
    public static Socket ReservePort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (LoopbackConnection connection in _open.Keys)
        {
            connection.Reset();
        }

        await Task.WhenAll(_open.Values).WaitAsync(TimeSpan.FromSeconds(30));
        _stop.Dispose();
        Assert.Empty(_scriptErrors);
    }

    internal void CountWritten(int count) => Interlocked.Add(ref _bytesWritten, count);

    internal void Record(RecordedRequest request)
    {
        if (_keepsRequests)
        {
            _requests.Enqueue(request);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            int index = Interlocked.Increment(ref _connectionCount);
            var connection = new LoopbackConnection(this, socket, index, _stop.Token);
            var started = new TaskCompletionSource();
            _open[connection] = started.Task.ContinueWith(_ => ServeAsync(connection), TaskScheduler.Default).Unwrap();
            started.SetResult();
        }
    }

    private async Task ServeAsync(LoopbackConnection connection)
    {
        try
        {
            if (_certificate is not null)
            {
                await connection.AuthenticateAsync(_certificate);
            }

            await _serve(connection);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, as many tests make it.
        }
        catch (Exception e)
        {
            _scriptErrors.Enqueue(e);
        }
        finally
        {
            connection.Close();
            _open.TryRemove(connection, out _);
        }
    }
}

/// <summary>One accepted connection, as a script sees it.</summary>
internal sealed class LoopbackConnection(LoopbackServer server, Socket socket, int index, CancellationToken stop)
{
    private readonly byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;

    /// <summary>1 for the first connection of the server, and so on.</summary>
    public int Index { get; } = index;

    public Stream Stream { get; private set; } = new NetworkStream(socket, ownsSocket: false);

    public CancellationToken Stop { get; } = stop;

    public async Task AuthenticateAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(Stream);
        Stream = tls;
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Stop);
    }

    /// <summary>Answers every request until the client closes.</summary>
    public async Task AnswerAllAsync(Func<RecordedRequest, string> answer)
    {
        while (await ReadRequestAsync() is { } request)
        {
            await WriteAsync(answer(request));
        }
    }

    /// <summary>Reads and records the next whole request; null when the client closed, or began with TLS, instead.</summary>
    public async Task<RecordedRequest?> ReadRequestAsync()
    {
        var head = new StringBuilder();
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            int next = await ReadByteAsync();
            if (next is < 0 or 0x16)
            {
                return null;
            }

            head.Append((char)next);
        }

        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var request = new RecordedRequest(Index, lines[0], lines[1..]);
        byte[] body = new byte[int.Parse(request.Header("Content-Length") ?? "0", System.Globalization.CultureInfo.InvariantCulture)];
        for (int i = 0; i < body.Length; i++)
        {
            body[i] = (byte)await ReadByteAsync();
        }

        request = request with { Body = body };
        server.Record(request);
        if (server.AsksForPassword && request.Header("Proxy-Authorization") is null)
        {
            await WriteAsync(Answer.With(407, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""));
            return await ReadRequestAsync();
        }

        return request;
    }

    /// <summary>The next byte that the client sends, or -1 when it closed.</summary>
    public async Task<int> ReadByteAsync()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = await Stream.ReadAsync(_buffer, Stop);
            if (_end == 0)
            {
                return -1;
            }
        }

        return _buffer[_start++];
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(byte[] bytes)
    {
        await Stream.WriteAsync(bytes, Stop);
        server.CountWritten(bytes.Length);
    }

    /// <summary>Writes below TLS.</summary>
    public Task WriteRawAsync(string bytes) => socket.SendAsync(Encoding.Latin1.GetBytes(bytes), Stop).AsTask();

    /// <summary>Says so, and then nothing more until the client goes away.</summary>
    public async Task HangAsync()
    {
        server.Hanging?.Invoke();
        await ClientLeavesAsync();
    }

    /// <summary>Waits until the client has gone away.</summary>
    public async Task ClientLeavesAsync()
    {
        while (await ReadByteAsync() >= 0)
        {
        }
    }

    public void Reset()
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Close();
    }

    public void Close()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Close();
    }
}

/// <summary>A request to the letter: its first line, its header lines and its body.</summary>
internal sealed record RecordedRequest(int Connection, string RequestLine, IReadOnlyList<string> HeaderLines)
{
    public byte[] Body { get; init; } = [];

    public string Target => RequestLine.Split(' ')[1];

    public string? Header(string name) => HeaderLines
        .Where(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 2)..])
        .SingleOrDefault();
}

/// <summary>Answers as text.</summary>
internal static class Answer
{
    public const string Codes = """{"recovery_codes":["alpha-1","beta-2"]}""";
    public const string Error = """{"errors":["No"]}""";
    public const string NoContent = "HTTP/1.1 204 No Content\r\n\r\n";

    /// <summary>What every operation takes for a success.</summary>
    public static string Good { get; } = Json(200, Codes);

    public static string Json(int status, string body, params string[] headers) =>
        With(status, body, ["Content-Type: application/json; charset=utf-8", .. headers]);

    public static string With(int status, string body, params string[] headers) =>
        $"HTTP/1.1 {status} Status\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
