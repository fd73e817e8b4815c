using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

#pragma warning disable CA1835 // .NET Framework, which tests/Mono builds for, has no overloads with Memory.

namespace EquinixOtp.Tests;

/// <summary>A connection that a <see cref="LoopbackServer"/> accepted.</summary>
internal sealed class LoopbackConnection : IDisposable
{
    private const byte TlsHandshake = 0x16;

    private static readonly Encoding s_latin1 = Encoding.GetEncoding("iso-8859-1");
    private static readonly byte[] s_headEnd = [(byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'];

    private readonly LoopbackServer _server;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16384];
    private Stream _stream;
    private int _start;
    private int _end;

    public LoopbackConnection(LoopbackServer server, Socket socket, int number, CancellationToken stop)
    {
        _server = server;
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: false);
        Number = number;
        Stop = stop;
    }

    /// <summary>The connection's number in its server, from 1.</summary>
    public int Number { get; }

    /// <summary>Cancelled when the server is disposed.</summary>
    public CancellationToken Stop { get; }

    public async Task AuthenticateAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(certificate);
    }

    /// <summary>Responds to each request until the client closes the connection.</summary>
    public async Task RespondToAllAsync(Func<RecordedRequest, string> respond)
    {
        while (await ReadRequestAsync() is { } request)
        {
            await WriteAsync(respond(request));
        }
    }

    /// <summary>Reads and records a request; null if the client closed the connection or began a TLS handshake.</summary>
    public async Task<RecordedRequest?> ReadRequestAsync()
    {
        ArraySegment<byte> head = await ReadHeadAsync();
        if (head.Count == 0)
        {
            return null;
        }

        string text = s_latin1.GetString(head.Array!, head.Offset, head.Count);
        string[] lines = text.Split(["\r\n"], StringSplitOptions.RemoveEmptyEntries);
        var request = new RecordedRequest(_server.NextRequestNumber(), lines[0], [.. lines.Skip(1)]);
        byte[] body = new byte[int.Parse(request.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture)];
        for (int i = 0; i < body.Length; i++)
        {
            body[i] = (byte)await ReadByteAsync();
        }

        request = request with { Body = body };
        _server.Record(request);
        if (_server.AsksForPassword && request.Header("Proxy-Authorization") is null)
        {
            await WriteAsync(Response.Create(407, string.Empty, "Proxy-Authenticate: Basic realm=\"x\""));
            return await ReadRequestAsync();
        }

        return request;
    }

    /// <summary>
    /// Reads a request up to the end of its headers, unparsed and unrecorded; empty if the client closed the connection or began a TLS
    /// handshake. Valid until the next read.
    /// </summary>
    public async ValueTask<ArraySegment<byte>> ReadHeadAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf(s_headEnd)) < 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
            if (!await FillAsync() || _buffer[0] == TlsHandshake)
            {
                return default;
            }
        }

        var head = new ArraySegment<byte>(_buffer, _start, length + s_headEnd.Length);
        _start += head.Count;
        return head;
    }

    /// <summary>Reads a byte; -1 if the client closed the connection.</summary>
    public async ValueTask<int> ReadByteAsync()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            if (!await FillAsync())
            {
                return -1;
            }
        }

        return _buffer[_start++];
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes, 0, bytes.Length, Stop);
        _server.CountWritten(bytes.Length);
    }

    /// <summary>Writes below TLS.</summary>
    public void WriteRaw(byte[] bytes) => _socket.Send(bytes);

    /// <summary>Becomes unresponsive until the client closes the connection.</summary>
    public async Task HangAsync()
    {
        _server.SignalUnresponsive();
        await ClientClosesAsync();
    }

    /// <summary>Waits until the client closes the connection.</summary>
    public async Task ClientClosesAsync()
    {
        while (await ReadByteAsync() >= 0)
        {
        }
    }

    /// <summary>Closes the connection with a TCP reset.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }

        _socket.Close();
    }

    public void Dispose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }

        _stream.Dispose();
        _socket.Close();
    }

    private async ValueTask<bool> FillAsync()
    {
        int count = await _stream.ReadAsync(_buffer, _end, _buffer.Length - _end, Stop);
        _end += count;
        return count > 0;
    }
}

/// <summary>A request as received.</summary>
/// <param name="Number">The request's number in its server, from 1.</param>
/// <param name="RequestLine">The method, the target and the version.</param>
/// <param name="HeaderLines">The headers, one per line.</param>
internal sealed record RecordedRequest(int Number, string RequestLine, IReadOnlyList<string> HeaderLines)
{
    public byte[] Body { get; init; } = [];

    public string Method => RequestLine.Split(' ')[0];

    public string Target => RequestLine.Split(' ')[1];

    /// <summary>Returns a header's value; null if it is missing.</summary>
    public string? Header(string name) => HeaderLines
        .Where(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
        .Select(line => line.Substring(name.Length + 2))
        .SingleOrDefault();
}
