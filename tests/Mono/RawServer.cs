using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Mono;

/// <summary>A server of raw sockets on a thread per connection: net472 has not the APIs of the tests' LoopbackServer.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Action<RawConnection> _serve;

    public RawServer(Action<RawConnection> serve)
    {
        _serve = serve;
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri BaseUrl => new($"http://127.0.0.1:{Port}/metal/v1");

    /// <summary>The head of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>A server that sends the same response to every request.</summary>
    public static RawServer Responding(string response) => new(connection =>
    {
        while (connection.ReadRequest())
        {
            connection.Write(response);
        }
    });

    public static string Response(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n{headers}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public void Dispose() => _listener.Stop();

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            _serve(new RawConnection(stream, Requests));
        }
        catch (IOException)
        {
            // The client closed the connection.
        }
    }
}

/// <summary>One accepted connection.</summary>
internal sealed class RawConnection(NetworkStream stream, ConcurrentQueue<string> requests)
{
    /// <summary>Reads a request without a body; false if the client closed the connection.</summary>
    public bool ReadRequest()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int next = stream.ReadByte();
            if (next < 0)
            {
                return false;
            }

            head.Append((char)next);
        }

        requests.Enqueue(head.ToString());
        return true;
    }

    public void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        stream.Write(bytes, 0, bytes.Length);
    }

    /// <summary>Waits until the client closes the connection.</summary>
    public void WaitForClose()
    {
        while (stream.ReadByte() >= 0)
        {
        }
    }
}
