using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class ProgramTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_where_it_is_serves_and_ends_on_SIGTERM()
    {
        using Process process = Start("--port", "0");
        Uri url = new(await ReadAsync(process, "URL: "));
        Assert.Equal($"{url.GetLeftPart(UriPartial.Authority)}/__admin", await ReadAsync(process, "Admin URL: "));
        string token = await ReadAsync(process, "Token: ");
        string secret = await ReadAsync(process, "TOTP secret: ");
        Assert.Contains(secret, await ReadAsync(process, "TOTP URI: otpauth://totp/"), StringComparison.Ordinal);

        Answer answer = await TestEmulator.SendAsync(HttpMethod.Post, url, "/user/otp/sms/receive", token);
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        string code = await ReadAsync(process, "SMS: ");
        Assert.Equal(HttpStatusCode.NoContent, (await TestEmulator.SendAsync(HttpMethod.Post, url, $"/user/otp/verify/{code}", token)).Status);

        string totp = new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp();
        Assert.Equal(HttpStatusCode.NoContent, (await TestEmulator.SendAsync(HttpMethod.Post, url, $"/user/otp/verify/{totp}", token)).Status);

        await AssertEndsAsync(process, "TERM");
    }

    [Fact]
    public async Task Every_option_reaches_the_emulator_and_Ctrl_C_ends_it()
    {
        using Process process = Start(
            "--port", "0", "--token", "one", "--token", "two", "--totp-secret", "JBSWY3DPEHPK3PXP", "--session-tokens", "--rate-limit", "2", "--latency", "300");
        Uri url = new(await ReadAsync(process, "URL: "));
        await ReadAsync(process, "Admin URL: ");
        foreach ((string number, string token) in new[] { ("1", "one"), ("2", "two") })
        {
            Assert.Equal(number, await ReadAsync(process, "Account: "));
            Assert.Equal(token, await ReadAsync(process, "Token: "));
            Assert.Equal("JBSWY3DPEHPK3PXP", await ReadAsync(process, "TOTP secret: "));
            await ReadAsync(process, "TOTP URI: ");
        }

        long start = Stopwatch.GetTimestamp();
        await TestEmulator.SendAsync(HttpMethod.Post, url, "/user/otp/sms/receive", "two");
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
        string sms = await ReadAsync(process, "SMS: ");
        Assert.EndsWith(" (account 2)", sms, StringComparison.Ordinal);
        Answer answer = await TestEmulator.SendAsync(HttpMethod.Post, url, $"/user/otp/verify/{sms[..6]}", "two");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("token", answer.Body, StringComparison.Ordinal);
        answer = await TestEmulator.SendAsync(HttpMethod.Get, url, "/user/otp/recovery-codes", "two");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);

        await AssertEndsAsync(process, "INT");
    }

    [Fact]
    public async Task No_request_ends_it_and_nobody_elsewhere_reaches_it()
    {
        using Process process = Start("--port", "0", "--token", "token");
        Uri url = new(await ReadAsync(process, "URL: "));
        foreach (string prefix in new[] { "Admin URL: ", "Token: ", "TOTP secret: ", "TOTP URI: " })
        {
            await ReadAsync(process, prefix);
        }

        await TestEmulator.AssertIsOnLoopbackAloneAsync(url.Port);
        var random = new Random(20260302);
        string[] heads = ["", "GET ", "POST /metal/v1/user/otp/verify/", "GET / HTTP/1.1\r\nHost: ", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: "];
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
        {
            byte[] noise = new byte[random.Next(4096)];
            random.NextBytes(noise);
            return TestEmulator.SendRawAsync(url.Port, [.. Encoding.ASCII.GetBytes(heads[i % heads.Length]), .. noise], hangUp: true);
        }));
        await Parallel.ForAsync(0, 1000, Stop, async (i, _) =>
            (await TestEmulator.SendAsync(HttpMethod.Post, url, $"/user/otp/verify/{i:d7}", "token")).AssertRejectedOtp());

        Assert.False(process.HasExited);
        Assert.Equal(10, (await TestEmulator.SendAsync(HttpMethod.Get, url, "/user/otp/recovery-codes", "token")).ReadCodes().Length);
        await AssertEndsAsync(process, "TERM");
    }

    [Theory]
    [InlineData("--port")]
    [InlineData("--port", "x")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "0", "--token", "a b")]
    [InlineData("--port", "0", "--totp-secret", "0189")]
    [InlineData("--port", "0", "--rate-limit", "0")]
    [InlineData("--port", "0", "--latency", "-1")]
    [InlineData("--port", "0", "--unheard-of")]
    [InlineData("--port", "0", "--fault", "no-such-fault")]
    [InlineData("--port", "0", "--fault", "nowhere:outage")]
    [InlineData("--port", "0", "--fault", "*:outage:0")]
    [InlineData("--port", "0", "--fault", "*:outage:x")]
    [InlineData("--port", "0", "--fault", "*:outage:1:2")]
    [InlineData("--port", "0", "--fault", "{\"operation\":\"*\"}")]
    [InlineData("--port", "0", "--fault", "{")]
    [InlineData("--port", "0", "--seed", "x")]
    [InlineData("--port", "0", "--output", "xml")]
    public async Task What_it_cannot_use_it_says_and_fails(params string[] arguments)
    {
        using Process process = Start(arguments);

        string error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        Assert.Equal(1, process.ExitCode);
        Assert.NotEmpty(error);
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_said_and_fails()
    {
        await using TestEmulator other = await TestEmulator.StartAsync();
        string port = other.Emulator.Url.Port.ToString(CultureInfo.InvariantCulture);
        using Process process = Start("--port", port);

        string error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains(port, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(Stop));
    }

    [Fact]
    public async Task Output_json_writes_one_object_per_line()
    {
        using Process process = Start("--port", "0", "--token", "one", "--token", "two", "--output", "json");
        JsonElement start = JsonDocument.Parse(await ReadAsync(process, string.Empty)).RootElement;
        Uri url = new(start.GetProperty("url").GetString()!);
        Assert.StartsWith(url.GetLeftPart(UriPartial.Authority), start.GetProperty("adminUrl").GetString(), StringComparison.Ordinal);
        JsonElement second = start.GetProperty("accounts")[1];
        Assert.Equal(2, second.GetProperty("number").GetInt32());
        Assert.Equal("two", second.GetProperty("token").GetString());
        Assert.Contains(second.GetProperty("totpSecret").GetString()!, second.GetProperty("totpUri").GetString(), StringComparison.Ordinal);

        await TestEmulator.SendAsync(HttpMethod.Post, url, "/user/otp/sms/receive", "two");
        JsonElement sms = JsonDocument.Parse(await ReadAsync(process, string.Empty)).RootElement.GetProperty("sms");
        Assert.Equal(2, sms.GetProperty("account").GetInt32());
        Assert.Matches("^[0-9]{6}$", sms.GetProperty("code").GetString());

        await AssertEndsAsync(process, "TERM");
    }

    [Fact]
    public async Task Faults_of_the_command_line_are_in_force_in_their_order()
    {
        using Process process = Start(
            "--port", "0", "--token", "one", "--seed", "1", "--fault", "findRecoveryCodes:throttled:1", "--fault", "outage",
            "--fault", """{"operation":"receiveCodes","status":500}""");
        Uri url = new(await ReadAsync(process, "URL: "));
        Task<Answer> ListAsync() => TestEmulator.SendAsync(HttpMethod.Get, url, "/user/otp/recovery-codes", "one");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await ListAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ListAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await TestEmulator.SendAsync(HttpMethod.Post, url, "/user/otp/sms/receive", "one")).Status);
        process.Kill();
    }

    [Theory]
    [InlineData("--version", @"^\d+\.\d+\.\d+\s*$")]
    [InlineData("--help", "--port.+--token.+--totp-secret.+--session-tokens.+--rate-limit.+--latency.+--fault.+--seed.+UNSAFE.+--output")]
    public async Task It_describes_itself(string argument, string pattern)
    {
        using Process process = Start(argument);

        string output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);

        Assert.Equal(0, process.ExitCode);
        Assert.Matches($"(?s){pattern}", output);
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(MetalEmulator).Assembly.Location);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // What ASP.NET Core would otherwise obey: it must not open the emulator to the network.
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
            await process.WaitForExitAsync(Stop);
            return;
        }

        using Process kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(Stop).WaitAsync(TimeSpan.FromSeconds(60), Stop);

        Assert.Equal(0, process.ExitCode);
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(Stop));
        Assert.Empty(await process.StandardError.ReadToEndAsync(Stop));
    }
}
