using System.Net;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

public class HttpTests
{
    private static readonly (HttpMethod Method, string Path)[] s_operations =
    [
        (HttpMethod.Post, "/user/otp/verify/123456"),
        (HttpMethod.Get, "/user/otp/recovery-codes"),
        (HttpMethod.Post, "/user/otp/recovery-codes"),
        (HttpMethod.Post, "/user/otp/sms/receive"),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData("RIGHT")]
    [InlineData("right2")]
    public async Task A_wrong_or_missing_token_gets_the_known_401(string? token)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["right"] });
        IReadOnlyList<string> codes = emulator.Account.RecoveryCodes;

        foreach ((HttpMethod method, string path) in s_operations)
        {
            (await emulator.SendAsync(method, path, token))
                .AssertIs(HttpStatusCode.Unauthorized, """{"error":"Invalid authentication token"}""");
        }

        Assert.Equal(codes, emulator.Account.RecoveryCodes);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Two_token_headers_are_no_token()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });

        string answer = await emulator.SendRawAsync(
            "GET /metal/v1/user/otp/recovery-codes HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: one\r\nX-Auth-Token: two\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_does_not_use_a_code_up()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.VerifyAsync(code, "wrong")).Status);
        (await emulator.VerifyAsync(code)).AssertConfirmed();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/user")]
    [InlineData("/user/otp/verify")]
    [InlineData("/user/otp/verify/")]
    [InlineData("/user/otp/verify/123456/more")]
    [InlineData("/user/otp/verify//123456")]
    [InlineData("/user/otp/recovery-codes/1")]
    [InlineData("/user/otp/sms/receive.json")]
    [InlineData("/../../metal/v2/user/otp/sms/receive")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/favicon.ico")]
    public async Task An_unknown_path_gets_the_known_404(string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        foreach (string? token in new[] { emulator.Account.Token, null })
        {
            (await emulator.SendAsync(HttpMethod.Post, path, token)).AssertIs(HttpStatusCode.NotFound, """{"errors":["Not found"]}""");
        }
    }

    [Fact]
    public async Task Nothing_is_served_beside_the_base_path()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        var root = new Uri(emulator.Emulator.Url.GetLeftPart(UriPartial.Authority));

        foreach (string path in new[] { "/", "/user/otp/recovery-codes", "/metal/v2/user/otp/recovery-codes" })
        {
            (await TestEmulator.SendAsync(HttpMethod.Get, root, path, emulator.Account.Token))
                .AssertIs(HttpStatusCode.NotFound, """{"errors":["Not found"]}""");
        }
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("BREW")]
    public async Task Another_method_on_a_known_path_is_not_found(string method)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        foreach ((_, string path) in s_operations)
        {
            (await emulator.SendAsync(new HttpMethod(method), path)).AssertIs(HttpStatusCode.NotFound, """{"errors":["Not found"]}""");
        }
    }

    [Theory]
    [InlineData("GET", "/user/otp/verify/123456")]
    [InlineData("GET", "/user/otp/sms/receive")]
    [InlineData("HEAD", "/user/otp/recovery-codes")]
    public async Task A_read_of_what_is_to_be_posted_is_not_found(string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await emulator.SendAsync(new HttpMethod(method), path)).Status);
        Assert.Empty(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_of_its_own()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 10 });
        List<Answer> answers = [];
        foreach ((HttpMethod method, string path) in s_operations)
        {
            answers.Add(await emulator.SendAsync(method, path));
            answers.Add(await emulator.SendAsync(method, path, "wrong"));
            answers.Add(await emulator.SendAsync(method, "/nowhere"));
        }

        answers.Add(await emulator.SendAsync(HttpMethod.Get, "/one-too-many"));
        answers.Add(await emulator.SendAsync(HttpMethod.Get, "/one-too-many"));
        answers.Add(await emulator.SendAsync(HttpMethod.Get, "/one-too-many"));

        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1].Status);
        string[] ids = [.. answers.Select(answer => Assert.Single(answer.Headers.GetValues("X-Request-Id")))];
        Assert.All(ids, id => Assert.True(Guid.TryParseExact(id, "D", out _)));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_percent_encoded_OTP_is_decoded_once()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync(string.Concat(code.Select(c => $"%25{(int)c:X2}")))).AssertRejectedOtp();
        (await emulator.VerifyAsync(string.Concat(code.Select(c => $"%{(int)c:X2}")))).AssertConfirmed();
        (await emulator.VerifyAsync(emulator.Account.RecoveryCodes[0].Replace("-", "%2d", StringComparison.Ordinal))).AssertConfirmed();
    }

    [Fact]
    public async Task Query_and_trailing_slash_are_no_part_of_the_OTP()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.VerifyAsync($"{await emulator.SendSmsAsync()}?include=a/b")).AssertConfirmed();
        (await emulator.VerifyAsync($"{await emulator.SendSmsAsync()}/")).AssertConfirmed();
    }

    [Fact]
    public async Task Paths_match_in_any_case()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.Equal(10, (await emulator.SendAsync(HttpMethod.Get, "/USER/Otp/Recovery-Codes/")).ReadCodes().Length);
    }

    [Theory]
    [InlineData("12%2F34")]
    [InlineData("12%2f34")]
    [InlineData("%2F")]
    [InlineData("%252F")]
    [InlineData("%2F..%2F..%2Frecovery-codes")]
    [InlineData("a%3Fb%23c%25")]
    [InlineData("%E2%82%AC")]
    [InlineData("%FF%FE")]
    [InlineData("%20")]
    [InlineData("%0D%0AX-Injected%3A%201")]
    [InlineData("%")]
    [InlineData("%zz")]
    [InlineData("...")]
    [InlineData("1")]
    public async Task A_wrong_OTP_of_any_form_gets_the_known_424(string otp)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        // By socket, as HttpClient would tidy the path up first.
        string answer = await emulator.SendRawAsync(
            $"POST /metal/v1/user/otp/verify/{otp} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {emulator.Account.Token}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 424 ", answer, StringComparison.Ordinal);
        Assert.Contains("""{"errors":["Invalid OTP"]}""", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Injected", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_token_works_for_its_account_alone()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true, Tokens = ["one", "two"] });

        Answer answer = await emulator.VerifyAsync(await emulator.SendSmsAsync(), "one");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Dictionary<string, string> body = JsonSerializer.Deserialize<Dictionary<string, string>>(answer.Body)!;
        string session = Assert.Single(body, pair => pair.Key == "token").Value;
        Assert.Single(body);
        Answer list = await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes", session);
        Assert.Equal(emulator.Account.RecoveryCodes, list.ReadCodes());
        await emulator.AssertServesAsync();
        (await emulator.VerifyAsync("nonsense", session)).AssertRejectedOtp();
    }

    [Fact]
    public async Task Each_session_has_another_token()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });

        Answer one = await emulator.VerifyAsync(await emulator.SendSmsAsync());
        Answer two = await emulator.VerifyAsync(await emulator.SendSmsAsync());

        Assert.NotEqual(one.Body, two.Body);
    }
}
