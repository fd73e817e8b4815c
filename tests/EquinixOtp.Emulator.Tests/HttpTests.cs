using System.Net;

namespace EquinixOtp.Emulator.Tests;

public class HttpTests
{
    public static TheoryData<string, string> Operations => new()
    {
        { "POST", "/user/otp/verify/123456" },
        { "GET", TestEmulator.CodesPath },
        { "POST", TestEmulator.CodesPath },
        { "POST", TestEmulator.SmsPath },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Invalid_token_gets_401(string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["valid", "other"] });
        IReadOnlyList<string> codes = emulator.Account.RecoveryCodes;

        foreach (string? token in new[] { null, "", "VALID", "valid2" })
        {
            (await emulator.SendAsync(new HttpMethod(method), path, token)).AssertUnauthorized();
        }

        Assert.Equal(codes, emulator.Account.RecoveryCodes);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Two_token_headers_get_401()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["valid", "other"] });

        string response =
            await emulator.SendRawAsync("GET /metal/v1/user/otp/recovery-codes", "Host: localhost\r\nX-Auth-Token: other\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("POST", "/user/otp/verify/")]
    [InlineData("POST", "/user/otp/verify/123456/more")]
    [InlineData("POST", "/user/otp/verify//123456")]
    [InlineData("POST", "/user/otp/sms/receive.json")]
    [InlineData("POST", "/../../user/otp/sms/receive")]
    [InlineData("POST", "/..%2f..%2fetc%2fpasswd")]
    [InlineData("GET", "/user/otp/verify/123456")]
    [InlineData("GET", TestEmulator.SmsPath)]
    [InlineData("PUT", TestEmulator.CodesPath)]
    [InlineData("OPTIONS", TestEmulator.CodesPath)]
    public async Task Unknown_path_or_method_gets_404_with_and_without_a_token(string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.SendAsync(new HttpMethod(method), path)).AssertNotFound();
        (await emulator.SendAsync(new HttpMethod(method), path, token: null)).AssertNotFound();
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Every_response_has_its_own_request_id()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 4 });
        List<Response> responses = [];
        foreach ((string method, string path) in Operations.Select(row => row.Data))
        {
            responses.Add(await emulator.SendAsync(new HttpMethod(method), path));
            responses.Add(await emulator.SendAsync(new HttpMethod(method), path, "invalid"));
        }

        responses.Add(await emulator.SendAsync(HttpMethod.Get, "/nowhere", "invalid"));

        Assert.Equal(HttpStatusCode.TooManyRequests, responses[^1].Status);
        string[] ids = [.. responses.Select(response => Assert.Single(response.Headers.GetValues("X-Request-Id")))];
        Assert.All(ids, id => Assert.True(Guid.TryParseExact(id, "D", out _)));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task OTP_is_percent_decoded_once()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync(string.Concat(code.Select(c => $"%25{(int)c:X2}")))).AssertInvalidOtp();
        (await emulator.VerifyAsync(string.Concat(code.Select(c => $"%{(int)c:X2}")))).AssertNoContent();
    }

    [Fact]
    public async Task Path_matches_in_any_case_with_trailing_slash_and_query()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.Equal(10, (await emulator.SendAsync(HttpMethod.Get, "/USER/Otp/Recovery-Codes/?include=a/b")).ReadCodes().Length);
        (await emulator.VerifyAsync($"{await emulator.SendSmsAsync()}/?include=a/b")).AssertNoContent();
    }

    [Theory]
    [InlineData("12%2F34")]
    [InlineData("%252F")]
    [InlineData("%2F..%2F..%2Frecovery-codes")]
    [InlineData("%FF%FE")]
    [InlineData("%0D%0AX-Injected%3A%201")]
    [InlineData("%zz")]
    [InlineData("...")]
    public async Task Invalid_OTP_of_any_form_gets_424(string otp)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        // Over a socket, because HttpClient normalizes the path.
        string response = await emulator.SendRawAsync($"POST /metal/v1/user/otp/verify/{otp}", "Host: localhost\r\n");

        Assert.StartsWith("HTTP/1.1 424 ", response, StringComparison.Ordinal);
        Assert.EndsWith("""{"errors":["Invalid OTP"]}""", response, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Injected", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_token_is_valid_for_its_account()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true, Tokens = ["one", "two"] });

        Response response = await emulator.VerifyAsync(await emulator.SendSmsAsync());
        string session = response.ReadJson().GetProperty("token").GetString()!;

        response.AssertIs(HttpStatusCode.OK, $$"""{"token":"{{session}}"}""");
        Assert.Equal(emulator.Account.RecoveryCodes, await emulator.ListCodesAsync(session));
        await emulator.AssertTokenAsync(emulator.Account.Token, isValid: true);
        Assert.NotEqual(session, await emulator.OpenSessionAsync());
    }
}
