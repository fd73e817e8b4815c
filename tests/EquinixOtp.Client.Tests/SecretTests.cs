using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

/// <summary>What .NET tells of a call, and what an exception keeps.</summary>
public class SecretTests
{
#if !DESKTOP // Only the net8.0 build can turn .NET's diagnostics off, and .NET Framework has none.
    [Fact]
    public async Task Neither_activities_nor_events_nor_diagnostics_tell_an_OTP_or_a_token()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        int events = Telemetry.Heard("System.Net.Http");

        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            await operation.RunAsync(client);
        }

        Assert.True(Telemetry.Heard("System.Net.Http") > events);
        Assert.Empty(Telemetry.Leaks);
    }

    [Fact]
    public async Task The_listeners_hear_a_client_that_hides_nothing()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        int diagnostics = Telemetry.Heard("HttpHandlerDiagnosticListener");

        using HttpResponseMessage answer = await client.GetAsync(new Uri(server.BaseUrl, "/heard"));

        Assert.True(Telemetry.Heard("HttpHandlerDiagnosticListener") > diagnostics);
        Assert.NotNull(Assert.Single(server.Requests).Header("traceparent"));
    }
#endif

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_cancelled_calls_exception_keeps_nothing(Operation operation)
    {
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HangAsync();
        });
        server.Hanging = stop.Cancel;
        using MetalOtpClient client = TestClient.For(server);

        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => operation.RunAsync(client, observer, stop.Token));

        AssertKeepsNothing(e, e.ToString(), observer.Reports);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("canary OTP")]
    [InlineData("canary\u001B")]
    public async Task A_refused_OTP_is_not_kept(string otp)
    {
        using var client = TestClient.Create(new());

        AssertKeepsNothing(await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync(otp)));
        AssertKeepsNothing(await Assert.ThrowsAsync<MetalOtpException>(() => client.As(Canary.Token + otp + " ").VerifyAsync("123456")));
        AssertKeepsNothing(await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyTotpAsync(Canary.TotpSecret + otp + "!")));
    }

    [Theory]
    [InlineData("http://localhost:8180/", "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", MetalOtpErrorKind.RequestRejected)]
    [InlineData("http://localhost:8180/", "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", MetalOtpErrorKind.ServerError)]
    [InlineData("http://localhost:8180/", "", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "HTTP/1.1 200 OK\r\n\r\nno TLS", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "", MetalOtpErrorKind.ConnectionFailed)]
    public async Task A_proxys_failure_keeps_nothing_of_its_password(string url, string answer, MetalOtpErrorKind kind)
    {
        await using var proxy = new LoopbackServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null && answer.Length > 0)
            {
                await connection.WriteAsync(answer);
            }
        });
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            var observer = new RecordingObserver();
            using var client = TestClient.Create(new()
            {
                BaseUrl = new Uri(url),
                Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
                ProxyCredential = new NetworkCredential(Canary.ProxyUser.Split('\\')[1], Canary.ProxyPassword, Canary.ProxyUser.Split('\\')[0]),
                MaxRetries = 0,
            });

            MetalOtpException? e = await operation.RunAsync(client, kind, observer);

            AssertKeepsNothing(e, e!.ToString(), observer.Reports);
        }
    }

    [Fact]
    public async Task An_echoed_secret_stays_in_no_cache_of_regular_expressions()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, $$"""{"error":"{{Canary.Token}}"}"""));
        using MetalOtpClient client = TestClient.For(server);
        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected);

        Type cache = typeof(Regex).Assembly.GetType("System.Text.RegularExpressions.RegexCache", throwOnError: true)!;
        object?[] roots = [.. cache.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).Select(field => field.GetValue(null))];

        Assert.NotEmpty(roots);
        Assert.Empty(new SecretHunt().Find(roots));
    }

    [Fact]
    public void A_search_finds_what_is_hidden()
    {
        string captured = Canary.Otp;
        var source = new IOException("x", new InvalidOperationException()) { Data = { ["a"] = new object[] { (Func<string>)(() => captured) } } };

        Assert.Single(new SecretHunt().Find(source));
        Assert.Equal(2, new SecretHunt().Find(Canary.Token.ToCharArray(), Encoding.UTF8.GetBytes(Canary.Token)).Count);
        Assert.Equal(2, new SecretHunt("123456").Find("123456", "1234567", $"Basic {Canary.ProxyBasic}").Count);
    }

    [Fact]
    public async Task A_session_token_that_the_same_response_repeats_is_masked()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(
            200, $$"""{"token":"{{Canary.SessionToken}}"}""", $"X-Request-Id: {Canary.SessionToken}", $"X-Echo: {Canary.SessionToken}"));
        using MetalOtpClient client = TestClient.For(server);
        var observer = new RecordingObserver();

        OtpVerification verification = await client.VerifyAsync(Canary.Otp, observer);

        Assert.Equal((Canary.SessionToken, Redactor.Mask), (verification.SessionToken, verification.RequestId));
        Assert.Empty(new SecretHunt().Find(observer.Reports));
    }

    private static void AssertKeepsNothing(params object?[] roots)
    {
        Assert.Empty(new SecretHunt().Find(roots));
        Assert.Empty(Telemetry.Leaks);
    }
}
