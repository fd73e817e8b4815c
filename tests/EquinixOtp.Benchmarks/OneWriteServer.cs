using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Benchmarks;

/// <summary>
/// The quickest honest HTTP server: an answer is one write, without Nagle's delay. <c>/stats</c> tells how many connections
/// and requests it has seen; below <c>/hang</c> no answer ever comes.
/// </summary>
internal sealed class OneWriteServer : IDisposable
{
    private const string Codes = """{"recovery_codes":["aaaaa-11111","bbbbb-22222","ccccc-33333","ddddd-44444","eeeee-55555","fffff-66666","ggggg-77777","hhhhh-88888","iiiii-99999","jjjjj-00000"]}""";

    private static readonly byte[] s_codes = Answer("200 OK", Codes);
    private static readonly byte[] s_verified = Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\nX-Request-Id: 0123456789abcdef\r\n\r\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _connections;
    private int _requests;

    public OneWriteServer()
    {
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            byte[] buffer = new byte[8192];
            int length = 0;
            bool isFirst = true;
            try
            {
                while (true)
                {
                    int count = await socket.ReceiveAsync(buffer.AsMemory(length));
                    if (count == 0)
                    {
                        return;
                    }

                    length += count;
                    if (!buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
                    {
                        continue;
                    }

                    ReadOnlyMemory<byte>? answer = Choose(buffer.AsSpan(0, length), isFirst);
                    length = 0;
                    isFirst = false;
                    if (answer is { } bytes)
                    {
                        await socket.SendAsync(bytes);
                    }
                }
            }
            catch (SocketException)
            {
                // The other side left.
            }
        }
    }

    private ReadOnlyMemory<byte>? Choose(ReadOnlySpan<byte> request, bool isFirst)
    {
        if (request.StartsWith("GET /stats"u8))
        {
            return Answer("200 OK", $$"""{"connections":{{_connections}},"requests":{{_requests}}}""");
        }

        if (isFirst)
        {
            Interlocked.Increment(ref _connections);
        }

        Interlocked.Increment(ref _requests);
        return request.IndexOf("/hang/"u8) >= 0 ? null
            : request.StartsWith("POST"u8) && request.IndexOf("/verify/"u8) >= 0 ? s_verified
            : s_codes;
    }

    private static byte[] Answer(string status, string json) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: 0123456789abcdef\r\nContent-Length: {json.Length}\r\n\r\n{json}");
}
