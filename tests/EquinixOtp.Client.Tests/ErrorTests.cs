using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace EquinixOtp.Client.Tests;

/// <summary>Every row of the contract's error table that a call can come to; what was never sent is in the tests of its input.</summary>
public class ErrorTests
{
    public static TheoryData<Operation, int, MetalOtpErrorKind> Statuses()
    {
        var data = new TheoryData<Operation, int, MetalOtpErrorKind>();
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            foreach (int status in new[] { 302, 304, 400, 401, 403, 404, 408, 418, 422, 424, 429, 500, 503, 599 })
            {
                data.Add(operation, status, Expected(operation, status));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Each_status_has_its_kind_and_its_retries(Operation operation, int status, MetalOtpErrorKind kind)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(status, """{"errors":["Said so"]}""", "X-Request-Id: id-1", "Location: /elsewhere"));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 1);

        MetalOtpException e = (await operation.RunAsync(client, kind))!;

        Assert.Equal(status, (int?)e.StatusCode);
        Assert.Equal(status < 400 ? [] : ["Said so"], e.Errors);
        Assert.Equal("id-1", e.RequestId);
        bool retried = status == 429 || (operation.IsGet() && status is 408 or >= 500);
        Assert.Equal(retried ? 2 : 1, server.Requests.Count);
        Assert.Equal(!operation.IsGet() && status is < 400 or 408 or >= 500, e.MayHaveTakenEffect);
    }

    [Fact]
    public async Task A_rejected_OTP_is_one_in_every_culture()
    {
        // Here, I isn't the capital of i.
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(401, """{"error":"WRONG ONE-TIME PASSWORD"}"""));
        using MetalOtpClient client = TestClient.For(server);

        await Operation.Verify.RunAsync(client, MetalOtpErrorKind.OtpRejected);
    }

    [Theory]
    [InlineData("""{"error":"One","errors":["Two"]}""", "One", "Two")]
    [InlineData("""{"error":{"message":"One"},"other":"x"}""", "message: One")]
    [InlineData("""{"error":"\ud83d","errors":["One"]}""", "\uFFFD", "One")]
    [InlineData("""{"error":"  ","errors":["One"]}""", "One")]
    [InlineData("")]
    public async Task The_APIs_own_words_are_in_the_errors_and_in_the_message(string body, params string[] errors)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Create(400, body));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!;

        Assert.Equal(errors, e.Errors);
        Assert.All(errors, error => Assert.Contains(error, e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a\u001B[31mb", "a\uFFFD[31mb")]
    [InlineData("é一\U0001F511", "é一\U0001F511")]
    public async Task What_steers_a_terminal_or_hides_text_is_replaced(string sent, string shown)
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(400, JsonSerializer.Serialize(new { error = sent })));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!;

        Assert.Equal([shown], e.Errors);
        Assert.Contains(shown, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_the_server_repeats_is_masked()
    {
        string body = JsonSerializer.Serialize(new
        {
            errors = new[]
            {
                $"Token {Canary.Token}.",
                $"Token {Canary.Token.ToUpperInvariant()}.",
                $"OTP {Canary.Otp}.",
                $"OTP {Uri.EscapeDataString(Canary.Otp)}.",
                $"OTP {Uri.EscapeDataString(Canary.Otp).ToLowerInvariant()}.",
            },
        });
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, body, $"X-Request-Id: id-{Canary.Token}"));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.Verify.RunAsync(client, MetalOtpErrorKind.OtpRejected))!;

        Assert.Equal(["Token ******.", "Token ******.", "OTP ******.", "OTP ******.", "OTP ******."], e.Errors);
        Assert.Equal("id-******", e.RequestId);
        Assert.DoesNotContain(Canary.Mark, e.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task An_empty_request_id_is_none(string id)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, Response.Error, $"X-Request-Id: {id}"));
        using MetalOtpClient client = TestClient.For(server);

        Assert.Null((await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!.RequestId);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("codes")]
    [InlineData("""{"recovery_codes":null}""")]
    [InlineData("""{"recovery_codes":[1]}""")]
    [InlineData("""{"recovery_codes":["one",["two"]]}""")]
    [InlineData("""{"recovery_codes":["one\u001b[2J"]}""")]
    [InlineData("""{"recovery_codes":["one","t\u200bwo"]}""")]
    [InlineData("""{"recovery_codes":["one"]} {}""")]
    [InlineData("""{"recovery_codes":["one"],"recovery_codes":["two"]}""")]
    public async Task An_answer_that_is_no_list_of_codes_is_invalid_and_never_asked_for_again(string body)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, body));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException get = (await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!;
        MetalOtpException reset = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!;

        Assert.Equal((false, true), (get.MayHaveTakenEffect, reset.MayHaveTakenEffect));
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task JSON_cut_short_anywhere_is_an_invalid_response()
    {
        const string Success = """{"recovery_codes":["x"],"token":"t","a":{"b":{},"c":[{}]},"m":{},"n":1}""";
        const string Error = """{"error":"e","errors":["e"],"a":{"b":{},"c":[{}]}}""";
        string answer = string.Empty;
        await using var server = new LoopbackServer(connection => connection.RespondToAllAsync(_ => answer));
        using MetalOtpClient client = TestClient.For(server);
        for (int length = 1; length < Success.Length; length++)
        {
            answer = Response.Json(200, Success[..length]);
            foreach (Operation operation in Enum.GetValues<Operation>())
            {
                await operation.RunAsync(client, MetalOtpErrorKind.InvalidResponse);
            }
        }

        for (int length = 1; length < Error.Length; length++)
        {
            answer = Response.Json(400, Error[..length]);
            await Operation.Verify.RunAsync(client, MetalOtpErrorKind.InvalidResponse);
        }
    }

    [Theory]
    [InlineData("text/html", "<html>Bad request</html>")]
    [InlineData("text/plain", "<html>Bad request</html>")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", """{"error":"Invalid OTP" """)]
    public async Task A_rejection_that_the_API_does_not_send_is_no_verdict(string type, string body)
    {
        foreach (int status in new[] { 400, 401, 403, 404, 407, 418, 422, 424 })
        {
            await using LoopbackServer server = LoopbackServer.Responding(Response.Create(status, body, $"Content-Type: {type}"));
            using MetalOtpClient client = TestClient.For(server);
            foreach (Operation operation in Enum.GetValues<Operation>())
            {
                MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!;

                Assert.Equal((status, !operation.IsGet()), ((int)e.StatusCode!, e.MayHaveTakenEffect));
            }

            Assert.Equal(5, server.Requests.Count);
        }
    }

    [Theory]
    [InlineData("welcome")]
    [InlineData("""{"error":"Invalid OTP"}""")]
    public async Task A_success_that_the_API_does_not_send_may_have_taken_effect(string body)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, body));
        using MetalOtpClient client = TestClient.For(server);
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.InvalidResponse))!;

            Assert.Equal(!operation.IsGet(), e.MayHaveTakenEffect);
        }
    }

    [Theory]
    [InlineData(4097)]
    [InlineData(70_000)]
    public async Task A_session_token_or_code_of_any_length_is_a_contract_error(int length)
    {
        string text = new('x', length);
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, $$"""{"token":"{{text}}","recovery_codes":["{{text}}"]}"""));
        using MetalOtpClient client = TestClient.For(server);

        foreach (Operation operation in Enum.GetValues<Operation>().Where(operation => operation != Operation.SendSms))
        {
            await operation.RunAsync(client, MetalOtpErrorKind.InvalidResponse);
        }
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task An_HTML_page_with_200_is_not_the_API(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Create(200, Response.Codes, "Content-Type: text/html; charset=utf-8"));
        using MetalOtpClient client = TestClient.For(server);

        await operation.RunAsync(client, MetalOtpErrorKind.InvalidResponse);

        Assert.Single(server.Requests);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.VerifyTotp)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_refused_connection_is_tried_again_since_it_never_opened(Operation operation)
    {
        using Socket nobody = LoopbackServer.ReservePort();
        var observer = new RecordingObserver();
        using var client = TestClient.Create(new() { BaseUrl = new Uri($"http://{nobody.LocalEndPoint}/"), MaxRetries = 2, RetryInterval = TimeSpan.Zero });

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.Equal((null, false), (e.StatusCode, e.MayHaveTakenEffect));
        Assert.Equal(3, observer.Reports.Count);
    }
#endif

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_message_names_method_path_status_and_request_id_but_no_OTP(Operation operation)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(418, string.Empty, "X-Request-Id: id-1"));
        using MetalOtpClient client = TestClient.For(server);

        string message = (await operation.RunAsync(client, MetalOtpErrorKind.RequestRejected))!.Message;

        string path = operation switch
        {
            Operation.Verify => "POST /metal/v1/user/otp/verify/******",
            Operation.GetRecoveryCodes => "GET /metal/v1/user/otp/recovery-codes",
            Operation.ResetRecoveryCodes => "POST /metal/v1/user/otp/recovery-codes",
            _ => "POST /metal/v1/user/otp/sms/receive",
        };
        Assert.Contains($"({path}, HTTP 418, request id id-1)", message, StringComparison.Ordinal);
    }

    private static MetalOtpErrorKind Expected(Operation operation, int status) => status switch
    {
        < 400 => MetalOtpErrorKind.UnexpectedRedirect,
        400 or 422 or 424 when operation.IsVerify() => MetalOtpErrorKind.OtpRejected,
        401 => MetalOtpErrorKind.Unauthorized,
        403 => MetalOtpErrorKind.Forbidden,
        404 => MetalOtpErrorKind.NotFound,
        429 => MetalOtpErrorKind.RateLimited,
        >= 500 => MetalOtpErrorKind.ServerError,
        _ => MetalOtpErrorKind.RequestRejected,
    };
}
