using System.Net;
using System.Text.RegularExpressions;

namespace EquinixOtp.Client.Tests;

public class RequestTests
{
    [Theory]
    [InlineData(Operation.Verify, "POST /metal/v1/user/otp/verify/canaryOtp%2F77%25 HTTP/1.1")]
    [InlineData(Operation.GetRecoveryCodes, "GET /metal/v1/user/otp/recovery-codes HTTP/1.1")]
    [InlineData(Operation.ResetRecoveryCodes, "POST /metal/v1/user/otp/recovery-codes HTTP/1.1")]
    [InlineData(Operation.SendSms, "POST /metal/v1/user/otp/sms/receive HTTP/1.1")]
    public async Task Each_operation_sends_this_and_nothing_else(Operation operation, string requestLine)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl, HostProduct = "PowerShell/7.6.0" });

        await operation.RunAsync(client);

        RecordedRequest request = Assert.Single(server.Requests);
        Assert.Equal(requestLine, request.RequestLine);
        string[] headers =
        [
            "Accept: application/json",
            $"Host: 127.0.0.1:{server.Port}",
            $"User-Agent: EquinixOtp/{typeof(MetalOtpClient).Assembly.GetName().Version!.ToString(3)} PowerShell/7.6.0",
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
    public async Task Without_a_host_product_the_user_agent_is_the_client_alone()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await client.SendSmsAsync();

        Assert.Matches(new Regex(@"^EquinixOtp/\d+\.\d+\.\d+$"), Assert.Single(server.Requests).Header("User-Agent")!);
    }

    [Theory]
    [InlineData("012345", "012345")]
    [InlineData("12/34", "12%2F34")]
    [InlineData("a?b#c%", "a%3Fb%23c%25")]
    [InlineData("%2F", "%252F")]
    [InlineData("%2e%2e", "%252e%252e")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("+", "%2B")]
    [InlineData("a&b=c;d", "a%26b%3Dc%3Bd")]
    [InlineData("...", "...")]
    [InlineData("../x", "..%2Fx")]
    [InlineData("é", "%C3%A9")]
    [InlineData("e\u0301", "e%CC%81")]
    [InlineData("一二三四五六", "%E4%B8%80%E4%BA%8C%E4%B8%89%E5%9B%9B%E4%BA%94%E5%85%AD")]
    [InlineData("\U0001F511", "%F0%9F%94%91")]
    [InlineData("'\"<>[]{}|^`~!*()$,:@-_.", "%27%22%3C%3E%5B%5D%7B%7D%7C%5E%60~%21%2A%28%29%24%2C%3A%40-_.")]
    public async Task An_OTP_arrives_as_one_path_segment(string otp, string segment)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        await client.VerifyAsync(otp);

        Assert.Equal("/metal/v1/user/otp/verify/" + segment, Assert.Single(server.Requests).Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("12345")]
    public async Task An_OTP_that_cannot_be_one_is_refused_unsent(string otp)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync(otp));

        Assert.Equal(MetalOtpErrorKind.InvalidOtp, e.Kind);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("token\r\nX-Evil: 1")]
    public async Task A_token_that_no_header_can_carry_is_refused_unsent(string token)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => client.As(token).GetRecoveryCodesAsync());

        Assert.Equal(MetalOtpErrorKind.InvalidToken, e.Kind);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("!\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~")]
    public async Task A_token_of_any_visible_ASCII_arrives_as_it_is(string token)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        await client.As(token).GetRecoveryCodesAsync();

        Assert.Equal(token, Assert.Single(server.Requests).Header("X-Auth-Token"));
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    public async Task A_verification_hands_on_the_token_of_the_answer(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, """{"token":"session-1"}""", "X-Request-Id: id-1"));
        using MetalOtpClient client = TestClient.For(server);

        var verification = (OtpVerification)(await operation.RunAsync(client))!;

        Assert.Equal(new OtpVerification("session-1", "id-1"), verification);
        Assert.DoesNotContain("session-1", verification.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204, "")]
    [InlineData(200, "")]
    [InlineData(200, "{}")]
    public async Task Any_2xx_verifies_and_without_a_token_there_is_none(int status, string body)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, body));
        using MetalOtpClient client = TestClient.For(server);

        Assert.Null((await client.VerifyAsync("123456")).SessionToken);
    }

    [Theory]
    [InlineData("""{"recovery_codes":[]}""")]
    [InlineData("""{"other":{"recovery_codes":1},"recovery_codes":["2026-01-02T03:04:05Z","é"]}""", "2026-01-02T03:04:05Z", "é")]
    public async Task The_codes_come_as_they_are_and_in_order(string body, params string[] codes)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, body), Response.Json(201, body));
        using MetalOtpClient client = TestClient.For(server);

        Assert.Equal(codes, await client.GetRecoveryCodesAsync());
        Assert.Equal(codes, await client.ResetRecoveryCodesAsync());
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, Response.Codes, "Set-Cookie: id=1; Path=/"));
        using MetalOtpClient client = TestClient.For(server);

        await client.GetRecoveryCodesAsync();
        await client.GetRecoveryCodesAsync();

        Assert.All(server.Requests, request => Assert.Null(request.Header("Cookie")));
    }

    [Fact]
    public async Task One_connection_serves_calls_in_a_row_and_each_origin_has_its_own()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer other = LoopbackServer.Responding(Response.Good);
        for (int i = 0; i < 100; i++)
        {
            // As a cmdlet does: a client of its own for every call.
            using MetalOtpClient client = TestClient.For(server);
            await (i % 2 == 0 ? Operation.GetRecoveryCodes : Operation.Verify).RunAsync(client);
        }

        using MetalOtpClient otherClient = TestClient.For(other);
        await otherClient.GetRecoveryCodesAsync();

        Assert.Equal((100, 1), (server.Requests.Count, server.ConnectionCount));
        Assert.Equal((1, 1), (other.Requests.Count, other.ConnectionCount));
    }

    [Fact]
    public async Task The_other_loopback_address_works_too()
    {
        await using var server = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), address: IPAddress.IPv6Loopback);
        using MetalOtpClient client = TestClient.For(server);

        await client.GetRecoveryCodesAsync();

        Assert.Equal($"[::1]:{server.Port}", Assert.Single(server.Requests).Header("Host"));
    }
}
