using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Benchmarks;

/// <summary>GET requests over eight connections, each sent after the previous response has arrived.</summary>
internal static class RequestLoad
{
    private const int Connections = 8;

    /// <summary>Returns the requests per second of a warm server.</summary>
    public static double Measure(Uri url, string token)
    {
        Run(url, token, requestsPerConnection: 20_000);
        return Run(url, token, requestsPerConnection: 10_000);
    }

    private static double Run(Uri url, string token, int requestsPerConnection)
    {
        byte[] request = Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nX-Auth-Token: {token}\r\nAccept: application/json\r\n\r\n");
        var watch = Stopwatch.StartNew();
        // Blocking calls on threads cost less than asynchronous ones, and leave the processors to the server.
        Task[] connections = [.. Enumerable.Range(0, Connections).Select(_ => Task.Factory.StartNew(
            () => SendRequests(url, request, requestsPerConnection), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(connections);
        return Connections * requestsPerConnection / watch.Elapsed.TotalSeconds;
    }

    private static void SendRequests(Uri url, byte[] request, int count)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, url.Port);
        byte[] buffer = new byte[8192];
        for (int i = 0; i < count; i++)
        {
            socket.Send(request);
            int length = 0;
            while (!IsComplete(buffer.AsSpan(0, length)))
            {
                int received = socket.Receive(buffer.AsSpan(length));
                length += received > 0 ? received : throw new EndOfStreamException("The server closed the connection.");
            }

            if (!buffer.AsSpan().StartsWith("HTTP/1.1 200 "u8))
            {
                throw new InvalidDataException(Encoding.ASCII.GetString(buffer, 0, length));
            }
        }
    }

    private static bool IsComplete(ReadOnlySpan<byte> response)
    {
        int headers = response.IndexOf("\r\n\r\n"u8);
        if (headers < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> name = "Content-Length: "u8;
        int field = response[..headers].IndexOf(name);
        return field < 0
            ? response.EndsWith("\r\n0\r\n\r\n"u8)
            : Utf8Parser.TryParse(response[(field + name.Length)..], out int body, out _) && response.Length == headers + 4 + body;
    }
}
