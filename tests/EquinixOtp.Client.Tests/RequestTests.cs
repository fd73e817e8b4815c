using System.Net;
using System.Reflection;

namespace EquinixOtp.Client.Tests;

public class RequestTests
{
    private static readonly string s_product = "EquinixOtp/"
        + typeof(MetalOtpClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    [Theory]
    [InlineData(Operation.Verify, "POST /metal/v1/user/otp/verify/canaryOtp%2F77%25 HTTP/1.1")]
    [InlineData(Operation.VerifyTotp, "POST /metal/v1/user/otp/verify/{code} HTTP/1.1")]
    [InlineData(Operation.GetRecoveryCodes, "GET /metal/v1/user/otp/recovery-codes HTTP/1.1")]
    [InlineData(Operation.ResetRecoveryCodes, "POST /metal/v1/user/otp/recovery-codes HTTP/1.1")]
    [InlineData(Operation.SendSms, "POST /metal/v1/user/otp/sms/receive HTTP/1.1")]
    public async Task Operation_sends_exactly_this_request(Operation operation, string requestLine)
    {
        var clock = new TestClock();
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl, HostProduct = "PowerShell/7.6.0" }, clock);

        await operation.RunAsync(client);

        RecordedRequest request = Assert.Single(server.Requests);
        Assert.Equal(requestLine.Replace("{code}", Canary.CodeAt(clock.GetUtcNow()), StringComparison.Ordinal), request.RequestLine);
        string[] headers =
        [
            "Accept: application/json",
            $"Host: 127.0.0.1:{server.Port}",
            $"User-Agent: {s_product} PowerShell/7.6.0",
            $"X-Auth-Token: {Canary.Token}",
        ];
#if DESKTOP // .NET Framework refuses a GET with a body, also with an empty one.
        string[] getHeaders = [];
#else
        string[] getHeaders = ["Content-Length: 0"];
#endif
        string[] contentHeaders = operation.IsGet() ? getHeaders : ["Content-Length: 0", "Content-Type: application/json"];
        Assert.Equal(contentHeaders.Concat(headers).Order(StringComparer.Ordinal), request.HeaderLines.Order(StringComparer.Ordinal));
        Assert.Empty(request.Body);
    }

    [Fact]
    public async Task User_agent_without_a_host_product_is_the_client_alone()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await client.SendSmsAsync();

        Assert.Equal(s_product, Assert.Single(server.Requests).Header("User-Agent"));
    }

    [Theory]
    [InlineData(MetalOtpErrorKind.InvalidOtp)]
    [InlineData(MetalOtpErrorKind.InvalidToken)]
    [InlineData(MetalOtpErrorKind.InvalidTotpSecret)]
    public async Task Invalid_input_is_not_sent_reported_or_kept(MetalOtpErrorKind kind)
    {
        var observer = new RecordingObserver();
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => kind switch
        {
            MetalOtpErrorKind.InvalidOtp => client.VerifyAsync("canary OTP", observer),
            MetalOtpErrorKind.InvalidToken => client.As("canary\r\nX-Evil: 1").GetRecoveryCodesAsync(observer),
            _ => client.VerifyTotpAsync(TestClient.Secure("canary!"), observer),
        });

        Assert.Equal(kind, e.Kind);
        Assert.Equal((0, 0, 0), (server.ConnectionCount, observer.Timeouts.Count, observer.Reports.Count));
        Assert.Empty(new SecretHunt().Find(e, e.ToString()));
    }

    [Fact]
    public async Task Token_of_each_visible_ASCII_character_is_sent_unchanged()
    {
        string token = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c));
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await client.As(token).GetRecoveryCodesAsync();

        Assert.Equal(token, Assert.Single(server.Requests).Header("X-Auth-Token"));
    }

    [Fact]
    public async Task Verification_returns_the_session_token_and_does_not_print_it()
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            200, """{"token":"session-1"}""", "X-Request-Id: id-1");
        using MetalOtpClient client = TestClient.For(server);

        OtpVerification verification = await client.VerifyTotpAsync(Canary.TotpSecret);

        Assert.Equal(new OtpVerification("session-1", "id-1"), verification);
        Assert.DoesNotContain("session-1", verification.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_is_not_kept()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, Response.Codes, "Set-Cookie: id=1; Path=/"));
        using MetalOtpClient client = TestClient.For(server);

        await client.GetRecoveryCodesAsync();
        await client.GetRecoveryCodesAsync();

        Assert.All(server.Requests, request => Assert.Null(request.Header("Cookie")));
    }

    [Fact]
    public async Task Calls_of_several_clients_share_one_connection_per_origin()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer other = LoopbackServer.Responding(Response.Good);
        for (int i = 0; i < 100; i++)
        {
            // One client per call, as in a cmdlet.
            using MetalOtpClient client = TestClient.For(server);
            await (i % 2 == 0 ? Operation.GetRecoveryCodes : Operation.Verify).RunAsync(client);
        }

        using MetalOtpClient otherClient = TestClient.For(other);
        await otherClient.GetRecoveryCodesAsync();

        Assert.Equal((100, 1), (server.Requests.Count, server.ConnectionCount));
        Assert.Equal((1, 1), (other.Requests.Count, other.ConnectionCount));
    }

    [Theory]
    [InlineData("LOCALHOST", "localhost")]
    [InlineData("loopback", "localhost")]
    [InlineData("127.1", "127.0.0.1")]
    [InlineData("2130706433", "127.0.0.1")]
    [InlineData("0x7f.0.0.1", "127.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]")]
    [InlineData("[::1]", "[::1]")]
    public async Task Loopback_host_of_any_spelling_is_reached_without_the_systems_proxy(string host, string sent)
    {
        IPAddress address = host == "[::1]" ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        await using var server = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), address: address);
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://{host}:{server.Port}/") });

        await client.GetRecoveryCodesAsync();

        Assert.Equal($"{sent}:{server.Port}", Assert.Single(server.Requests).Header("Host"));
    }
}
