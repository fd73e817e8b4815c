using System.Net;
using System.Net.Sockets;

namespace EquinixOtp.Tests;

/// <summary>A listener with a full queue: the kernel does not complete further connections.</summary>
internal sealed class FullListener : IDisposable
{
    private readonly Socket _listener = NewSocket();
    private readonly List<Socket> _fillers = [];
    private readonly HashSet<EndPoint> _fillerEndPoints = [];

    private FullListener()
    {
    }

    public Uri Url => new($"http://{_listener.LocalEndPoint}");

    public static async Task<FullListener> StartAsync()
    {
        var listener = new FullListener();
        listener._listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener._listener.Listen(0);
        while (await listener.FillAsync())
        {
            Assert.InRange(listener._fillers.Count, 0, 100);
        }

        return listener;
    }

    /// <summary>Accepts the first connection other than those that filled the queue.</summary>
    public async Task<Socket> AcceptAsync()
    {
        using var limit = new CancellationTokenSource(Condition.Limit);
        while (true)
        {
            Socket accepted = await _listener.AcceptAsync(limit.Token);
            if (!_fillerEndPoints.Contains(accepted.RemoteEndPoint!))
            {
                return accepted;
            }

            accepted.Dispose();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _fillers.ForEach(socket => socket.Dispose());
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private async Task<bool> FillAsync()
    {
        Socket socket = NewSocket();
        _fillers.Add(socket);
        // The kernel may complete a cancelled connect later, and the socket then does not state its local endpoint.
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _fillerEndPoints.Add(socket.LocalEndPoint!);
        using var patience = new CancellationTokenSource(300);
        try
        {
            await socket.ConnectAsync(_listener.LocalEndPoint!, patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
