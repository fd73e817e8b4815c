using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Benchmarks;

/// <summary>GET requests over eight connections, each sent when the response to the one before has arrived.</summary>
internal static class RequestLoad
{
    private const int Connections = 8;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(2);

    /// <summary>Returns the requests per second of a warm server.</summary>
    public static double Measure(Uri url, string token)
    {
        Run(url, token, s_warmUp);
        return Run(url, token, s_measured);
    }

    private static double Run(Uri url, string token, TimeSpan duration)
    {
        byte[] request = Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nX-Auth-Token: {token}\r\nAccept: application/json\r\n\r\n");
        var watch = Stopwatch.StartNew();
        int[] counts = new int[Connections];
        // Blocking calls on threads cost less than asynchronous ones, and leave the processors to the server.
        Thread[] threads = [.. counts.Select((_, i) => new Thread(() => counts[i] = CountResponses(url, request, watch, duration)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static int CountResponses(Uri url, byte[] request, Stopwatch watch, TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, url.Port);
        byte[] buffer = new byte[8192];
        int count = 0;
        while (watch.Elapsed < duration)
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

            count++;
        }

        return count;
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
