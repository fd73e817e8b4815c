using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>A request as a <see cref="CannedServer"/> saw it.</summary>
internal sealed record CannedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, int Number);

/// <summary>A loopback server that gives each request whatever answer the test has for it, one a connection.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<CannedRequest> _requests = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _closed = new(0);
    private readonly Func<CannedRequest, string?> _answer;
    private readonly Task _loop;

    /// <param name="answer">The whole answer as text; null keeps the client waiting until it goes away.</param>
    public CannedServer(Func<CannedRequest, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/metal/v1");
        _loop = AcceptAsync();
    }

    public CannedServer(int status, string body = "", params string[] headers)
        : this(_ => Answer(status, body, headers))
    {
    }

    public Uri Url { get; }

    public IReadOnlyList<CannedRequest> Requests => [.. _requests];

    public static string Answer(int status, string body = "", params string[] headers) =>
        $"HTTP/1.1 {status} Canned\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n"
        + $"X-Request-Id: request-of-{status}\r\n"
        + string.Concat(headers.Select(header => header + "\r\n"))
        + "\r\n" + body;

    /// <summary>Waits for one more request than was waited for so far.</summary>
    public Task RequestArrivedAsync() => WaitAsync(_arrived, "No request came.");

    /// <summary>Waits until the client has gone away from one more request that got no answer, or an incomplete one.</summary>
    public Task ClientLeftAsync() => WaitAsync(_closed, "The client kept its connection open.");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private static async Task WaitAsync(SemaphoreSlim condition, string complaint) =>
        Assert.True(await condition.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), complaint);

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Disposed, which the listener says in one of these ways.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient connection = client;
        try
        {
            NetworkStream stream = connection.GetStream();
            CannedRequest? request = await ReadRequestAsync(stream);
            if (request is null)
            {
                return;
            }

            _requests.Enqueue(request);
            string? answer = _answer(request);
            _arrived.Release();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer ?? string.Empty), _stop.Token);
            if (answer is null || answer.EndsWith('…'))
            {
                while (await stream.ReadAsync(new byte[256], _stop.Token) > 0)
                {
                }

                _closed.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A reset is a way to leave, too.
            _closed.Release();
        }
    }

    private async Task<CannedRequest?> ReadRequestAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string? first = await reader.ReadLineAsync(_stop.Token);
        if (first is null)
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            headers.Add(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        }

        return new CannedRequest(first.Split(' ')[0], first.Split(' ')[1], headers, _requests.Count + 1);
    }
}
