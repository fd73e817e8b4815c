using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Emulator.Tests;

public class HostileInputTests
{
    private const string ListRequest = "GET /metal/v1/user/otp/recovery-codes";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("LocalHost:8180")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]")]
    public async Task Loopback_Host_is_accepted(string host)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.StartsWith("HTTP/1.1 200 ", await emulator.SendRawAsync(ListRequest, $"Host: {host}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host: rebound.example\r\n")]
    [InlineData("Host: localhost.rebound.example:8180\r\n")]
    [InlineData("Host: 192.168.0.1\r\n")]
    [InlineData("Host: localhost\r\nHost: rebound.example\r\n")]
    [InlineData("Host: rebound.example\r\nX-Forwarded-Host: localhost\r\n")]
    [InlineData("Host:\r\n")]
    [InlineData("")]
    public async Task Other_Host_is_rejected_without_effect(string header)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string response = await emulator.SendRawAsync("POST /metal/v1/user/otp/sms/receive", header);

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Theory]
    [InlineData("GET /metal/v1/user/otp/recovery-codes HTTP/1.0\r\nX-Auth-Token: token\r\n\r\n")]
    [InlineData(
        "GET http://rebound.example/metal/v1/user/otp/recovery-codes HTTP/1.1\r\n"
        + "Host: rebound.example\r\nX-Auth-Token: token\r\nConnection: close\r\n\r\n")]
    [InlineData("CONNECT rebound.example:443 HTTP/1.1\r\nHost: rebound.example:443\r\nConnection: close\r\n\r\n")]
    public async Task Request_for_another_server_or_protocol_is_rejected(string request)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["token"] });

        Assert.Matches("^HTTP/1.1 [45]", await emulator.SendRawAsync(request));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nnot a chunk")]
    [InlineData("Content-Length: 1000000000000\r\n\r\nhello")]
    public async Task Request_body_is_not_awaited(string rest)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();
        string head = $"POST /metal/v1/user/otp/sms/receive HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {emulator.Account.Token}\r\n";
        await socket.SendAsync(Encoding.Latin1.GetBytes(head + rest), Stop);

        byte[] buffer = new byte[4096];
        int count = await socket.ReceiveAsync(buffer, Stop);

        Assert.StartsWith("HTTP/1.1 204 ", Encoding.Latin1.GetString(buffer, 0, count), StringComparison.Ordinal);
        Assert.Single(emulator.Account.SmsCodes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    public async Task Endless_headers_and_body_are_cut_off(string start)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes($"POST /metal/v1/nowhere HTTP/1.1\r\nHost: localhost\r\n{start}"), Stop);
        byte[] part = Encoding.Latin1.GetBytes(start.Length == 0 ? "X-Header: value\r\n" : $"10000\r\n{new string('x', 0x10000)}\r\n");

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await socket.SendAsync(part, Stop);
            }
        });

        await emulator.ListCodesAsync();
    }

    [Fact]
    public async Task Incomplete_headers_time_out()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string response = await emulator.SendRawAsync($"{ListRequest} HTTP/1.1\r\nHost: local");

        Assert.StartsWith("HTTP/1.1 408 ", response, StringComparison.Ordinal);
    }
}
