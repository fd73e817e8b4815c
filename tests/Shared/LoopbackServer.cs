using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EquinixOtp.Tests;

/// <summary>A server on raw sockets that serves each connection as a test scripts it, and records its requests.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    private readonly Func<LoopbackConnection, Task> _serve;
    private readonly bool _keepsRequests;
    private readonly X509Certificate2? _certificate;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentQueue<Exception> _scriptErrors = new();
    private readonly ConcurrentDictionary<LoopbackConnection, Task> _open = new();
    private readonly SemaphoreSlim _unresponsive = new(0);
    private int _connectionCount;
    private int _requestCount;
    private long _bytesWritten;

    /// <param name="serve">Serves a connection. The connection closes when the task completes.</param>
    /// <param name="certificate">The certificate for TLS, or null for plain HTTP.</param>
    /// <param name="address">The address to listen on; 127.0.0.1 by default.</param>
    /// <param name="port">The port; a free one by default.</param>
    /// <param name="keepsRequests">Whether to keep the requests; false for a load test.</param>
    /// <param name="asksForPassword">Whether to respond with 407 to each request without a proxy credential.</param>
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

    /// <summary>The complete requests so far, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    public int OpenConnectionCount => _open.Count;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Called when a connection becomes unresponsive.</summary>
    public Action? Hanging { get; set; }

    /// <summary>Returns a server that sends the n-th response to the n-th request, and the last one to all that follow.</summary>
    public static LoopbackServer Responding(params string[] responses) =>
        Responding(request => responses[Math.Min(request.Number, responses.Length) - 1]);

    /// <summary>Returns a server that sends one response to every request.</summary>
    public static LoopbackServer Responding(int status, string body = "", params string[] headers) =>
        Responding(Response.Create(status, body, headers));

    /// <summary>Returns a server that keeps its connections open and chooses a response for each request.</summary>
    public static LoopbackServer Responding(Func<RecordedRequest, string> respond) =>
        new(connection => connection.RespondToAllAsync(respond));

    /// <summary>Returns a server that reads a request, writes part of a response, if any, and becomes unresponsive.</summary>
    public static LoopbackServer Unresponsive(string partOfResponse = "") => new(async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.WriteAsync(partOfResponse);
        await connection.HangAsync();
    });

    /// <summary>Returns a server that responds to the first request of a connection and becomes unresponsive at the second.</summary>
    public static LoopbackServer UnresponsiveAfter(string response) => new(async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.WriteAsync(response);
        await connection.ReadRequestAsync();
        await connection.HangAsync();
    });

    /// <summary>Returns a server that reads a request, writes part of a response, if any, and closes the connection.</summary>
    public static LoopbackServer Closing(string partOfResponse = "") => new(async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.WriteAsync(partOfResponse);
    });

    /// <summary>Returns a server that responds with the request's token as recovery code and as session token.</summary>
    public static LoopbackServer Echoing(bool keepsRequests = true) => new(
        connection => connection.RespondToAllAsync(request =>
        {
            string token = request.Header("X-Auth-Token")!;
            return Response.Json(200, $$"""{"recovery_codes":["{{token}}"],"token":"{{token}}"}""");
        }),
        keepsRequests: keepsRequests);

    /// <summary>Reserves a port of 127.0.0.1 that refuses connections until the result is disposed.</summary>
    public static Socket ReservePort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>Waits until one more connection is unresponsive than at the previous call.</summary>
    public async Task BecomesUnresponsiveAsync()
    {
        if (!await _unresponsive.WaitAsync(s_limit))
        {
            throw new TimeoutException("No connection became unresponsive.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _listener.Dispose();
        foreach (LoopbackConnection connection in _open.Keys)
        {
            connection.Reset();
        }

        var served = Task.WhenAll(_open.Values);
        if (await Task.WhenAny(served, Task.Delay(s_limit)) != served)
        {
            throw new TimeoutException("A script of the server hangs.");
        }

        _stop.Dispose();
        _unresponsive.Dispose();
        if (!_scriptErrors.IsEmpty)
        {
            throw new AggregateException(_scriptErrors);
        }
    }

    internal void CountWritten(int count) => Interlocked.Add(ref _bytesWritten, count);

    internal int NextRequestNumber() => Interlocked.Increment(ref _requestCount);

    internal void Record(RecordedRequest request)
    {
        if (_keepsRequests)
        {
            _requests.Enqueue(request);
        }
    }

    internal void SignalUnresponsive()
    {
        _unresponsive.Release();
        Hanging?.Invoke();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            int number = Interlocked.Increment(ref _connectionCount);
            var connection = new LoopbackConnection(this, socket, number, _stop.Token);
            var started = new TaskCompletionSource<bool>();
            _open[connection] = started.Task.ContinueWith(_ => ServeAsync(connection), TaskScheduler.Default).Unwrap();
            started.SetResult(true);
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
        catch (Exception e) when (
            e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // The client closed the connection, or the test ended.
        }
        catch (Exception e)
        {
            _scriptErrors.Enqueue(e);
        }
        finally
        {
            connection.Dispose();
            _open.TryRemove(connection, out _);
        }
    }
}
