using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class ProgramTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Program_prints_what_a_client_needs_and_each_SMS()
    {
        using Process process = Start("--port", "0");
        string url = await ReadAsync(process, "URL: ");
        Assert.Equal(url.Replace("/metal/v1", "/__admin", StringComparison.Ordinal), await ReadAsync(process, "Admin URL: "));
        string token = await ReadAsync(process, "Token: ");
        string secret = await ReadAsync(process, "TOTP secret: ");
        Assert.Contains(secret, await ReadAsync(process, "TOTP URI: otpauth://totp/"), StringComparison.Ordinal);

        (await PostAsync(url, "/user/otp/sms/receive", token)).AssertNoContent();
        (await PostAsync(url, $"/user/otp/verify/{await ReadAsync(process, "SMS: ")}", token)).AssertNoContent();
        string totp = new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp();
        (await PostAsync(url, $"/user/otp/verify/{totp}", token)).AssertNoContent();

        await AssertEndsAsync(process, "TERM");
    }

    [Fact]
    public async Task Program_passes_its_options_to_the_emulator()
    {
        using Process process = Start(
            "--port", "0", "--token", "one", "--token", "two", "--totp-secret", "JBSWY3DPEHPK3PXP", "--session-tokens", "--rate-limit", "2",
            "--latency", "300");
        string url = await ReadAsync(process, "URL: ");
        await ReadAsync(process, "Admin URL: ");
        foreach ((string number, string token) in new[] { ("1", "one"), ("2", "two") })
        {
            Assert.Equal(number, await ReadAsync(process, "Account: "));
            Assert.Equal(token, await ReadAsync(process, "Token: "));
            Assert.Equal("JBSWY3DPEHPK3PXP", await ReadAsync(process, "TOTP secret: "));
            await ReadAsync(process, "TOTP URI: ");
        }

        long start = Stopwatch.GetTimestamp();
        await PostAsync(url, "/user/otp/sms/receive", "two");
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
        string sms = await ReadAsync(process, "SMS: ");
        Assert.EndsWith(" (account 2)", sms, StringComparison.Ordinal);
        Response response = await PostAsync(url, $"/user/otp/verify/{sms[..6]}", "two");
        Assert.Equal(HttpStatusCode.OK, response.Status);
        Assert.NotEmpty(response.ReadJson().GetProperty("token").GetString()!);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(url, "/user/otp/sms/receive", "two")).Status);

        await AssertEndsAsync(process, "INT");
    }

    [Fact]
    public async Task Program_listens_on_127_0_0_1_only()
    {
        using Process process = Start("--port", "0");
        int port = new Uri(await ReadAsync(process, "URL: ")).Port;
        IEnumerable<IPAddress> others = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(own => own.Address)
            .Where(address => !address.Equals(IPAddress.Loopback));

        foreach (IPAddress address in others.Append(IPAddress.Parse("127.0.0.2")))
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address, port, Stop).AsTask());
        }

        process.Kill();
    }

    [Fact]
    public async Task Program_survives_random_input_and_thousands_of_invalid_OTPs()
    {
        using Process process = Start("--port", "0", "--token", "token");
        string url = await ReadAsync(process, "URL: ");
        var random = new Random(20260302);
        string[] starts =
        [
            "", "GET ", "POST /metal/v1/user/otp/verify/", "GET / HTTP/1.1\r\nHost: ",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ",
        ];

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            byte[] noise = new byte[random.Next(4096)];
            random.NextBytes(noise);
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, new Uri(url).Port, Stop);
            await client.Client.SendAsync((byte[])[.. starts[i % starts.Length].Select(c => (byte)c), .. noise], Stop);
        }));
        await Parallel.ForAsync(
            0, 2000, Stop, async (i, _) => (await PostAsync(url, $"/user/otp/verify/{i:d7}", "token")).AssertInvalidOtp());

        (await PostAsync(url, "/user/otp/sms/receive", "token")).AssertNoContent();
        process.Kill();
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--port", "x")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "0", "--unknown")]
    [InlineData("--port", "0", "--fault", "no-such-fault")]
    [InlineData("--port", "0", "--fault", "nowhere:outage")]
    [InlineData("--port", "0", "--fault", "*:outage:0")]
    [InlineData("--port", "0", "--fault", "*:outage:x")]
    [InlineData("--port", "0", "--fault", "*:outage:1:2")]
    [InlineData("--port", "0", "--fault", "{")]
    [InlineData("--port", "0", "--output", "xml")]
    public async Task Invalid_argument_is_an_error(params string[] arguments)
    {
        using Process process = Start(arguments);

        string error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        Assert.Equal(1, process.ExitCode);
        Assert.NotEmpty(error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_in_use_is_an_error()
    {
        await using TestEmulator other = await TestEmulator.StartAsync();
        string port = other.Emulator.Url.Port.ToString(CultureInfo.InvariantCulture);

        await Invalid_argument_is_an_error("--port", port);
    }

    [Fact]
    public async Task Output_json_prints_one_object_per_line()
    {
        using Process process = Start("--port", "0", "--token", "one", "--token", "two", "--output", "json");
        JsonElement start = JsonDocument.Parse(await ReadAsync(process, string.Empty)).RootElement;
        string url = start.GetProperty("url").GetString()!;
        Assert.Equal(url.Replace("/metal/v1", "/__admin", StringComparison.Ordinal), start.GetProperty("adminUrl").GetString());
        JsonElement second = start.GetProperty("accounts")[1];
        Assert.Equal(2, second.GetProperty("number").GetInt32());
        Assert.Equal("two", second.GetProperty("token").GetString());
        Assert.Contains(second.GetProperty("totpSecret").GetString()!, second.GetProperty("totpUri").GetString(), StringComparison.Ordinal);

        await PostAsync(url, "/user/otp/sms/receive", "two");
        JsonElement sms = JsonDocument.Parse(await ReadAsync(process, string.Empty)).RootElement.GetProperty("sms");
        Assert.Equal(2, sms.GetProperty("account").GetInt32());
        Assert.Matches("^[0-9]{6}$", sms.GetProperty("code").GetString());
        process.Kill();
    }

    [Fact]
    public async Task Faults_of_the_command_line_apply_in_their_order()
    {
        using Process process = Start(
            "--port", "0", "--token", "one", "--fault", "receiveCodes:throttled:1", "--fault", "regenerateCodes:outage",
            "--fault", """{"operation":"receiveCodes","status":500,"count":1}""", "--fault", "gateway-page");
        string url = await ReadAsync(process, "URL: ");

        Assert.Equal(429, (int)(await PostAsync(url, "/user/otp/sms/receive", "one")).Status);
        Assert.Equal(500, (int)(await PostAsync(url, "/user/otp/sms/receive", "one")).Status);
        Assert.Equal(502, (int)(await PostAsync(url, "/user/otp/sms/receive", "one")).Status);
        Assert.Equal(503, (int)(await PostAsync(url, "/user/otp/recovery-codes", "one")).Status);
        process.Kill();
    }

    [Theory]
    [InlineData("--version", @"^\d+\.\d+\.\d+(-\w+)?\s*$")]
    [InlineData("--help", "--port.+--token.+--totp-secret.+--session-tokens.+--rate-limit.+--latency.+--fault.+--seed.+UNSAFE.+--output")]
    public async Task Program_prints_version_and_help(string argument, string pattern)
    {
        using Process process = Start(argument);

        string output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        Assert.Equal(0, process.ExitCode);
        Assert.Matches($"(?s){pattern}", output);
    }

    private static Task<Response> PostAsync(string url, string path, string token) =>
        TestEmulator.SendAsync(HttpMethod.Post, url + path, token);

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(MetalEmulator).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The emulator must ignore this variable of ASP.NET Core.
        start.Environment["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        return Process.Start(start)!;
    }

    private static async Task<string> ReadAsync(Process process, string prefix)
    {
        string? line = await process.StandardOutput.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Stop);
        Assert.StartsWith(prefix, line, StringComparison.Ordinal);
        return line![prefix.Length..];
    }

    private static async Task AssertEndsAsync(Process process, string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill();
            return;
        }

        using Process kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(Stop).WaitAsync(TimeSpan.FromSeconds(60), Stop);

        Assert.Equal(0, process.ExitCode);
        Assert.Empty(await process.StandardError.ReadToEndAsync(Stop));
    }
}
