using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
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
        foreach (string prefix in new[] { "Token: ", "TOTP secret: ", "TOTP URI: " })
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
