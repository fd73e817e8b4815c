using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

/// <summary>.NET's diagnostics of a call and the exceptions of the client contain no secret.</summary>
public class SecretTests
{
    private const string AsksForPassword = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
    private const string Fails = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";

#if !DESKTOP // Only the net8.0 build can turn .NET's diagnostics off, and .NET Framework has none.
    [Fact]
    public async Task Diagnostics_of_NET_contain_no_secret()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        int events = Telemetry.Heard("System.Net.Http");
        int diagnostics = Telemetry.Heard("HttpHandlerDiagnosticListener");

        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            await operation.RunAsync(client);
        }

        Assert.True(Telemetry.Heard("System.Net.Http") > events);
        Assert.Empty(Telemetry.Leaks);
        // Checks that the listeners receive the events of a client with diagnostics.
        using var other = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage response = await other.GetAsync(new Uri(server.BaseUrl, "/heard"));
        Assert.True(Telemetry.Heard("HttpHandlerDiagnosticListener") > diagnostics);
    }
#endif

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    public async Task Exception_of_a_cancelled_call_keeps_no_secret(Operation operation)
    {
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        server.Hanging = stop.Cancel;
        using MetalOtpClient client = TestClient.For(server);

        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => operation.RunAsync(client, observer, stop.Token));

        AssertKeepsNothing(e, e.ToString(), observer.Reports);
    }

    [Theory]
    [InlineData("http://localhost:8180/", AsksForPassword, MetalOtpErrorKind.InvalidResponse)]
    [InlineData("http://localhost:8180/", Fails, MetalOtpErrorKind.ServerError)]
    [InlineData("http://localhost:8180/", "", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", AsksForPassword, MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", Fails, MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "HTTP/1.1 200 OK\r\n\r\nno TLS", MetalOtpErrorKind.ConnectionFailed)]
    [InlineData("https://api.invalid/", "", MetalOtpErrorKind.ConnectionFailed)]
    public async Task Failure_of_a_proxy_keeps_no_secret(string url, string response, MetalOtpErrorKind kind)
    {
        await using var proxy = new LoopbackServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null && response.Length > 0)
            {
                await connection.WriteAsync(response);
            }
        });
        var observer = new RecordingObserver();
        using var client = TestClient.Create(new()
        {
            BaseUrl = new Uri(url),
            Proxy = new Uri($"http://127.0.0.1:{proxy.Port}"),
            ProxyCredential = new NetworkCredential(Canary.ProxyUser.Split('\\')[1], Canary.ProxyPassword, Canary.ProxyUser.Split('\\')[0]),
            MaxRetries = 0,
        });

        MetalOtpException e = (await Operation.Verify.RunAsync(client, kind, observer))!;

        AssertKeepsNothing(e, e.ToString(), observer.Reports);
    }

    [Fact]
    public async Task Echoed_secret_is_not_in_the_cache_of_regular_expressions()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, $$"""{"error":"{{Canary.Token}}"}"""));
        using MetalOtpClient client = TestClient.For(server);
        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected);

        Type cache = typeof(Regex).Assembly.GetType("System.Text.RegularExpressions.RegexCache", throwOnError: true)!;
        FieldInfo[] fields = cache.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);
        object?[] roots = [.. fields.Select(field => field.GetValue(null))];

        Assert.NotEmpty(roots);
        Assert.Empty(new SecretHunt().Find(roots));
    }

    [Fact]
    public void SecretHunt_finds_a_secret_in_any_shape()
    {
        string captured = Canary.Otp;
        Func<string> closure = () => captured;
        var source = new IOException("x", new InvalidOperationException()) { Data = { ["a"] = new object[] { closure } } };

        Assert.Single(new SecretHunt().Find(source));
        Assert.Equal(2, new SecretHunt().Find(Canary.Token.ToCharArray(), Encoding.UTF8.GetBytes(Canary.Token)).Count);
        Assert.Equal(2, new SecretHunt("123456").Find("123456", "1234567", $"Basic {Canary.ProxyBasic}").Count);
    }

    [Fact]
    public async Task Session_token_repeated_in_its_response_is_masked()
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
