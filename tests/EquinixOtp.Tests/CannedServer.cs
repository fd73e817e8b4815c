using System.Collections.Concurrent;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>A request as a <see cref="CannedServer"/> saw it.</summary>
internal sealed record CannedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, int Number);

/// <summary>A loopback server that gives each request whatever answer the test has for it, one a connection.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly ConcurrentQueue<CannedRequest> _requests = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _closed = new(0);

    /// <param name="answer">The whole answer as text; null, or an ellipsis at its end, keeps the client waiting until it goes away.</param>
    public CannedServer(Func<CannedRequest, string?> answer) => _server = new LoopbackServer(async connection =>
    {
        if (await connection.ReadRequestAsync() is not { } read)
        {
            return;
        }

        string[] line = read.RequestLine.Split(' ');
        IEnumerable<string[]> headers = read.HeaderLines.Select(header => header.Split(": ", 2));
        var request = new CannedRequest(
            line[0], line[1], headers.ToDictionary(header => header[0], header => header[1], StringComparer.OrdinalIgnoreCase), _requests.Count + 1);
        _requests.Enqueue(request);
        string? text = answer(request);
        bool isComplete = text?.EndsWith('…') == false;
        _arrived.Release();
        try
        {
            await connection.WriteAsync(text ?? string.Empty);
            await (isComplete ? Task.CompletedTask : connection.HangAsync());
        }
        finally
        {
            if (!isComplete)
            {
                _closed.Release();
            }
        }
    });

    public CannedServer(int status, string body = "", params string[] headers)
        : this(_ => Answer(status, body, headers))
    {
    }

    public Uri Url => _server.BaseUrl;

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

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task WaitAsync(SemaphoreSlim condition, string complaint) =>
        Assert.True(await condition.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), complaint);
}
