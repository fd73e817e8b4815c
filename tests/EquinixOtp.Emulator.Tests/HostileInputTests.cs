using System.Net.Sockets;
using System.Text;

namespace EquinixOtp.Emulator.Tests;

public class HostileInputTests
{
    [Fact]
    public async Task It_listens_on_one_loopback_address_alone()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        await TestEmulator.AssertIsOnLoopbackAloneAsync(emulator.Emulator.Url.Port);
        await emulator.AssertServesAsync();
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost:8180")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]")]
    public async Task A_loopback_Host_is_served(string host)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.StartsWith("HTTP/1.1 200 ", await ListCodesAsync(emulator, $"Host: {host}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host: rebound.example\r\n")]
    [InlineData("Host: 127.0.0.1.rebound.example\r\n")]
    [InlineData("Host: localhost.rebound.example:8180\r\n")]
    [InlineData("Host: localhost.\r\n")]
    [InlineData("Host: 0.0.0.0\r\n")]
    [InlineData("Host: 192.168.0.1\r\n")]
    [InlineData("Host: [::2]\r\n")]
    [InlineData("Host: 2130706433\r\n")]
    [InlineData("Host: localhost@rebound.example\r\n")]
    [InlineData("Host: localhost/../rebound.example\r\n")]
    [InlineData("Host: localhost, rebound.example\r\n")]
    [InlineData("Host: localhost\r\nHost: rebound.example\r\n")]
    [InlineData("Host: rebound.example\r\nX-Forwarded-Host: localhost\r\n")]
    [InlineData("Host: *\r\n")]
    [InlineData("Host:\r\n")]
    [InlineData("")]
    public async Task Any_other_Host_is_refused(string header)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string answer = await ListCodesAsync(emulator, header);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("recovery_codes", answer, StringComparison.Ordinal);
        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task A_refused_Host_has_no_effect_and_a_request_id()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string answer = await emulator.SendRawAsync(
            $"POST /metal/v1/user/otp/sms/receive HTTP/1.1\r\nHost: rebound.example\r\nX-Auth-Token: {emulator.Account.Token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: ", answer, StringComparison.Ordinal);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Theory]
    [InlineData("GET /metal/v1/user/otp/recovery-codes HTTP/1.0\r\nX-Auth-Token: token\r\nConnection: close\r\n\r\n")]
    [InlineData("GET http://rebound.example/metal/v1/user/otp/recovery-codes HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: token\r\nConnection: close\r\n\r\n")]
    [InlineData("GET http://rebound.example/metal/v1/user/otp/recovery-codes HTTP/1.1\r\nHost: rebound.example\r\nX-Auth-Token: token\r\nConnection: close\r\n\r\n")]
    [InlineData("CONNECT rebound.example:443 HTTP/1.1\r\nHost: rebound.example:443\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /metal/v1/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /metal/v1/\u00e9 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET metal HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("G E T / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003")]
    public async Task What_is_no_request_for_this_server_is_refused(string request)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["token"] });

        string answer = await emulator.SendRawAsync(request);

        Assert.NotEmpty(answer);
        Assert.DoesNotMatch("^HTTP/1.1 [123]", answer);
        await emulator.AssertServesAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n\r\n")]
    [InlineData("GET")]
    [InlineData("POST /metal/v1/user/otp/sms/receive HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: token\r\n")]
    public async Task Half_a_request_does_nothing(string request)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["token"] });

        await emulator.SendRawAsync(request, hangUp: true);

        await emulator.AssertServesAsync();
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Random_bytes_are_survived()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        var random = new Random(20260301);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
        {
            byte[] bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            return emulator.SendRawAsync(bytes, hangUp: true);
        }));

        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task Oversized_heads_are_refused()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string big = new('x', 1024 * 1024);
        string many = string.Concat(Enumerable.Range(0, 5000).Select(i => $"H{i}: v\r\n"));

        foreach (string request in new[]
        {
            $"POST /metal/v1/user/otp/verify/{big} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {big}\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n",
        })
        {
            string answer = await emulator.SendRawAsync(request);

            // The refusal itself may be lost, where the emulator closes while the request is still being sent.
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        }

        await emulator.AssertServesAsync();
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{]")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nnonsense")]
    [InlineData("Content-Length: 1000000000000\r\n\r\nhello")]
    public async Task A_body_is_not_waited_for(string rest)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();
        await socket.SendAsync(
            Encoding.Latin1.GetBytes(
                $"POST /metal/v1/user/otp/sms/receive HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {emulator.Account.Token}\r\n{rest}"),
            TestContext.Current.CancellationToken);

        byte[] buffer = new byte[4096];
        int count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 204 ", Encoding.Latin1.GetString(buffer, 0, count), StringComparison.Ordinal);
        Assert.Single(emulator.Account.SmsCodes);
        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task An_endless_body_is_cut_off()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();
        CancellationToken stop = TestContext.Current.CancellationToken;
        await socket.SendAsync("POST /metal/v1/user/otp/sms/receive HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
        byte[] chunk = Encoding.Latin1.GetBytes($"10000\r\n{new string('x', 0x10000)}\r\n");

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await socket.SendAsync(chunk, stop);
            }
        });

        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task A_thousand_silent_connections_keep_nobody_out()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        List<Socket> silent = [];
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                silent.Add(await emulator.ConnectAsync());
            }

            (await emulator.VerifyAsync(await emulator.SendSmsAsync())).AssertConfirmed();
            Assert.Equal(10, (await emulator.ResetCodesAsync()).Length);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_silent_connections()
    {
        TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();

        await emulator.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_cut_off()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using Socket socket = await emulator.ConnectAsync();
        CancellationToken stop = TestContext.Current.CancellationToken;
        await socket.SendAsync("GET /metal/v1/user/otp/recovery-codes HTTP/1.1\r\nHost: local"u8.ToArray(), stop);

        byte[] buffer = new byte[4096];
        var received = new StringBuilder();
        while (await socket.ReceiveAsync(buffer, stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), stop) is > 0 and int count)
        {
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        Assert.StartsWith("HTTP/1.1 408 ", received.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thousands_of_wrong_OTPs_neither_lock_nor_stop_it()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        await Parallel.ForAsync(0, 3000, TestContext.Current.CancellationToken, async (i, _) =>
            (await emulator.VerifyAsync($"wrong-{i}")).AssertRejectedOtp());

        (await emulator.VerifyAsync(code)).AssertConfirmed();
    }

    private static Task<string> ListCodesAsync(TestEmulator emulator, string hostHeader) => emulator.SendRawAsync(
        $"GET /metal/v1/user/otp/recovery-codes HTTP/1.1\r\n{hostHeader}X-Auth-Token: {emulator.Account.Token}\r\nConnection: close\r\n\r\n");
}
