using System.Net;
using System.Text.Json;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class AdminApiTests
{
    [Fact]
    public async Task Health_says_where_the_emulated_API_is()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        JsonElement health = await emulator.ReadAdminAsync("/health");

        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal(emulator.Emulator.Url.ToString(), health.GetProperty("url").GetString());
        Assert.Equal(emulator.Time.GetUtcNow(), health.GetProperty("now").GetDateTimeOffset());
        Assert.Matches(@"^\d+\.\d+\.\d+(-\w+)?$", health.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Accounts_show_their_secrets_SMS_and_sessions()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"], SessionTokens = true });
        string used = await emulator.SendSmsAsync();
        string session = (await emulator.VerifyAsync(used)).ReadJson().GetProperty("token").GetString()!;
        emulator.Time.Advance(TimeSpan.FromSeconds(5));
        string unused = await emulator.SendSmsAsync();

        JsonElement account = await emulator.ReadAdminAsync("/accounts/1");

        Assert.Equal(1, account.GetProperty("number").GetInt32());
        Assert.Equal("one", account.GetProperty("token").GetString());
        Assert.False(account.GetProperty("tokenRevoked").GetBoolean());
        Assert.Equal(emulator.Account.TotpSecret, account.GetProperty("totpSecret").GetString());
        Assert.Equal(emulator.Account.TotpUri.AbsoluteUri, account.GetProperty("totpUri").GetString());
        Assert.Equal(emulator.Account.RecoveryCodes, ReadStrings(account, "recoveryCodes"));
        JsonElement[] sms = [.. account.GetProperty("sms").EnumerateArray()];
        Assert.Equal([used, unused], sms.Select(message => message.GetProperty("code").GetString()));
        Assert.Equal([true, false], sms.Select(message => message.GetProperty("used").GetBoolean()));
        Assert.Equal(emulator.Time.GetUtcNow(), sms[1].GetProperty("sentAt").GetDateTimeOffset());
        Assert.Equal(session, Assert.Single(account.GetProperty("sessions").EnumerateArray().ToArray()).GetProperty("token").GetString());

        JsonElement list = await emulator.ReadAdminAsync("/accounts");
        Assert.Equal(["one", "two"], list.EnumerateArray().Select(item => item.GetProperty("token").GetString()));
        Assert.Equal(0, list[1].GetProperty("sms").GetArrayLength());
    }

    [Fact]
    public async Task Without_an_SMS_the_latest_is_not_found()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(HttpMethod.Get, "/accounts/1/sms/latest")).AssertRejected(HttpStatusCode.NotFound);
        (await emulator.AdminAsync(HttpMethod.Get, "/accounts/1/sms/latest?wait=0")).AssertRejected(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_latest_SMS_is_the_last_one_sent_even_when_used()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.SendSmsAsync();
        string code = await emulator.SendSmsAsync();
        (await emulator.VerifyAsync(code)).AssertConfirmed();

        JsonElement sms = await emulator.ReadAdminAsync("/accounts/1/sms/latest");

        Assert.Equal(code, sms.GetProperty("code").GetString());
        Assert.True(sms.GetProperty("used").GetBoolean());
    }

    [Fact]
    public async Task A_valid_code_is_returned_without_a_wait()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        // The fake clock stands still, so a wait would not end.
        Assert.Equal(code, (await emulator.ReadAdminAsync("/accounts/1/sms/latest?wait=60")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_wait_passes_over_a_used_SMS_until_the_next_arrives()
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);
        (await emulator.VerifyAsync(await emulator.SendSmsAsync())).AssertConfirmed();

        Task<JsonElement> wait = emulator.ReadAdminAsync("/accounts/1/sms/latest?wait=10");
        Assert.Equal(TimeSpan.FromSeconds(10), await time.NextTimerAsync());
        Assert.False(wait.IsCompleted);
        string code = await emulator.SendSmsAsync();

        Assert.Equal(code, (await wait).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_wait_that_is_over_is_not_found()
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);

        Task<Answer> wait = emulator.AdminAsync(HttpMethod.Get, "/accounts/1/sms/latest?wait=1.5");
        Assert.Equal(TimeSpan.FromSeconds(1.5), await time.NextTimerAsync());
        time.Advance(TimeSpan.FromSeconds(1.5));

        (await wait).AssertRejected(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("61")]
    [InlineData("NaN")]
    [InlineData("soon")]
    public async Task A_wait_out_of_range_is_rejected(string wait)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(HttpMethod.Get, $"/accounts/1/sms/latest?wait={wait}")).AssertRejected();
    }

    [Fact]
    public async Task Recovery_codes_can_be_set()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Answer answer = await emulator.AdminAsync(HttpMethod.Patch, "/accounts/1", """{"recoveryCodes":["first","second"]}""");

        Assert.Equal(["first", "second"], ReadStrings(answer.ReadJson(), "recoveryCodes"));
        Assert.Equal(["first", "second"], await emulator.ListCodesAsync());
        (await emulator.VerifyAsync("second")).AssertConfirmed();
    }

    [Fact]
    public async Task A_TOTP_secret_can_be_set_per_account()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        string before = emulator.Account.TotpSecret;

        await emulator.AdminAsync(HttpMethod.Patch, "/accounts/2", """{"totpSecret":"jbswy3dpehpk3pxp"}""");

        Assert.Equal("JBSWY3DPEHPK3PXP", emulator.Emulator.Accounts[1].TotpSecret);
        Assert.Equal(before, emulator.Account.TotpSecret);
        (await emulator.VerifyAsync(ComputeTotp(emulator, before), "two")).AssertRejectedOtp();
        (await emulator.VerifyAsync(ComputeTotp(emulator, "JBSWY3DPEHPK3PXP"), "two")).AssertConfirmed();
        (await emulator.VerifyAsync(ComputeTotp(emulator, before), "one")).AssertConfirmed();
    }

    [Theory]
    [InlineData("""{"recoveryCodes":["same","same"]}""")]
    [InlineData("""{"recoveryCodes":[""]}""")]
    [InlineData("""{"recoveryCodes":[null]}""")]
    [InlineData("""{"recoveryCodes":["a b"]}""")]
    [InlineData("""{"recoveryCodes":"code"}""")]
    [InlineData("""{"totpSecret":"0189"}""")]
    [InlineData("""{"totpSecrets":"JBSWY3DPEHPK3PXP"}""")]
    [InlineData("""{"recoveryCodes":["fine"],"totpSecret":""}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    public async Task A_state_that_cannot_be_is_rejected_and_changes_nothing(string json)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string before = (await emulator.ReadAdminAsync("/accounts/1")).GetRawText();

        (await emulator.AdminAsync(HttpMethod.Patch, "/accounts/1", json)).AssertRejected();

        Assert.Equal(before, (await emulator.ReadAdminAsync("/accounts/1")).GetRawText());
    }

    [Fact]
    public async Task A_revoked_token_is_invalid_and_its_sessions_stay()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        string session = await OpenSessionAsync(emulator);

        Assert.Equal(HttpStatusCode.NoContent, (await emulator.AdminAsync(HttpMethod.Delete, "/accounts/1/token")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await GetCodesStatusAsync(emulator, emulator.Account.Token));
        Assert.Equal(HttpStatusCode.OK, await GetCodesStatusAsync(emulator, session));
        Assert.True((await emulator.ReadAdminAsync("/accounts/1")).GetProperty("tokenRevoked").GetBoolean());
    }

    [Fact]
    public async Task Revoked_sessions_are_invalid_and_the_token_stays()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        string first = await OpenSessionAsync(emulator);
        string second = await OpenSessionAsync(emulator);

        Assert.Equal(HttpStatusCode.NoContent, (await emulator.AdminAsync(HttpMethod.Delete, "/accounts/1/sessions")).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await GetCodesStatusAsync(emulator, first));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetCodesStatusAsync(emulator, second));
        Assert.Equal(HttpStatusCode.OK, await GetCodesStatusAsync(emulator, emulator.Account.Token));
        Assert.Equal(0, (await emulator.ReadAdminAsync("/accounts/1")).GetProperty("sessions").GetArrayLength());
    }

    [Fact]
    public async Task An_account_can_be_added()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Answer added = await emulator.AdminAsync(HttpMethod.Post, "/accounts", """{"token":"new","totpSecret":"JBSWY3DPEHPK3PXP"}""");
        Answer random = await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}");

        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal("/__admin/accounts/2", added.Headers.Location?.OriginalString);
        Assert.Equal(
            ReadStrings(added.ReadJson(), "recoveryCodes"),
            (await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes", "new")).ReadCodes());
        (await emulator.VerifyAsync(ComputeTotp(emulator, "JBSWY3DPEHPK3PXP"), "new")).AssertConfirmed();
        Assert.Equal(3, random.ReadJson().GetProperty("number").GetInt32());
        Assert.Equal(emulator.Account.TotpSecret, random.ReadJson().GetProperty("totpSecret").GetString());
        Assert.Equal(HttpStatusCode.OK, await GetCodesStatusAsync(emulator, random.ReadJson().GetProperty("token").GetString()!));
    }

    [Theory]
    [InlineData("""{"token":"taken"}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":"a b"}""")]
    [InlineData("""{"totpSecret":"0189"}""")]
    [InlineData("""{"name":"x"}""")]
    public async Task An_account_that_cannot_be_is_rejected(string json)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["taken"] });

        (await emulator.AdminAsync(HttpMethod.Post, "/accounts", json)).AssertRejected();

        Assert.Single(emulator.Emulator.Accounts);
    }

    [Fact]
    public async Task The_clock_moves_SMS_TOTP_and_rate_limit()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 3 });
        string code = await emulator.SendSmsAsync();
        string totp = ComputeTotp(emulator, emulator.Account.TotpSecret);
        await emulator.AssertServesAsync();
        await emulator.AssertServesAsync();
        Assert.Equal(TimeSpan.FromSeconds(60), await GetRetryAfterAsync(emulator));

        await AdvanceAsync(emulator, "00:00:45");
        Assert.Equal(TimeSpan.FromSeconds(15), await GetRetryAfterAsync(emulator));
        JsonElement now = await AdvanceAsync(emulator, "00:04:15");

        Assert.Equal(emulator.Time.GetUtcNow() + TimeSpan.FromMinutes(5), now.GetProperty("now").GetDateTimeOffset());
        (await emulator.VerifyAsync(code)).AssertRejectedOtp();
        (await emulator.VerifyAsync(totp)).AssertRejectedOtp();
        string later = ComputeTotp(emulator, emulator.Account.TotpSecret, TimeSpan.FromMinutes(5));
        (await emulator.VerifyAsync(later)).AssertConfirmed();
    }

    [Theory]
    [InlineData("""{"advance":"00:00:00"}""")]
    [InlineData("""{"advance":"-00:01:00"}""")]
    [InlineData("""{"advance":"3661.00:00:00"}""")]
    [InlineData("""{"advance":"6 minutes"}""")]
    [InlineData("""{"advance":360}""")]
    [InlineData("{}")]
    public async Task A_clock_does_not_move_back_or_too_far(string json)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(HttpMethod.Post, "/clock", json)).AssertRejected();

        Assert.Equal(emulator.Time.GetUtcNow(), (await emulator.ReadAdminAsync("/health")).GetProperty("now").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_journal_lists_the_requests_to_the_emulated_API()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        await emulator.AddFaultAsync("""{"operation":"receiveCodes","name":"outage"}""");
        await emulator.VerifyAsync("wrong", "two");
        emulator.Time.Advance(TimeSpan.FromSeconds(1));
        await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive?x=y");
        await emulator.SendAsync(HttpMethod.Get, "/nowhere", "stranger");

        JsonElement[] entries = [.. (await emulator.ReadAdminAsync("/requests")).EnumerateArray()];

        Assert.Equal(
            ["""{"method":"POST","path":"/metal/v1/user/otp/verify/wrong","operation":"findEnsureOtp","account":2,"status":424}""",
                """{"method":"POST","path":"/metal/v1/user/otp/sms/receive","operation":"receiveCodes","account":1,"status":503,"fault":"outage"}""",
                """{"method":"GET","path":"/metal/v1/nowhere","status":404}"""],
            entries.Select(entry => "{" + entry.GetRawText()[(entry.GetRawText().IndexOf(',', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(emulator.Time.GetUtcNow(), entries[1].GetProperty("time").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.NoContent, (await emulator.AdminAsync(HttpMethod.Delete, "/requests")).Status);
        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
    }

    [Fact]
    public async Task A_reset_returns_to_the_state_at_the_start()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(
            new() { SessionTokens = true, RateLimit = 6, Faults = [new() { Operation = "receiveCodes", Name = "outage", Count = 1 }] });
        EmulatedAccount account = emulator.Account;
        IReadOnlyList<string> codes = account.RecoveryCodes;
        string secret = account.TotpSecret;
        string totp = ComputeTotp(emulator, secret);
        string session = (await emulator.VerifyAsync(totp)).ReadJson().GetProperty("token").GetString()!;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive")).Status);
        await emulator.SendSmsAsync();
        await emulator.ResetCodesAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":500}""");
        await emulator.AdminAsync(HttpMethod.Post, "/accounts", """{"token":"added"}""");
        await emulator.AdminAsync(HttpMethod.Patch, "/accounts/1", """{"totpSecret":"JBSWY3DPEHPK3PXP"}""");
        await emulator.AdminAsync(HttpMethod.Delete, "/accounts/1/token");
        await AdvanceAsync(emulator, "00:10:00");

        Assert.Equal(HttpStatusCode.NoContent, (await emulator.AdminAsync(HttpMethod.Post, "/reset")).Status);

        Assert.Same(account, Assert.Single(emulator.Emulator.Accounts));
        Assert.Equal(codes, account.RecoveryCodes);
        Assert.Equal(secret, account.TotpSecret);
        Assert.Empty(account.SmsCodes);
        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
        Assert.Equal(emulator.Time.GetUtcNow(), (await emulator.ReadAdminAsync("/health")).GetProperty("now").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetCodesStatusAsync(emulator, session));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetCodesStatusAsync(emulator, "added"));
        Assert.Equal(HttpStatusCode.OK, (await emulator.VerifyAsync(totp)).Status);
    }

    [Theory]
    [InlineData("GET", "/accounts/0")]
    [InlineData("GET", "/accounts/2")]
    [InlineData("GET", "/accounts/x")]
    [InlineData("GET", "/accounts/2/sms/latest")]
    [InlineData("GET", "/accounts/2/sms/latest?wait=60")]
    [InlineData("DELETE", "/accounts/2/token")]
    [InlineData("DELETE", "/accounts/2/sessions")]
    [InlineData("GET", "")]
    [InlineData("GET", "/nothing")]
    [InlineData("PUT", "/reset")]
    public async Task What_is_unknown_is_not_found(string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.AdminAsync(new HttpMethod(method), path)).AssertRejected(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("GET /__admin/accounts HTTP/1.1\r\nHost: rebound.example\r\n", "400")]
    [InlineData("POST /__admin/reset HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 0\r\n", "400")]
    [InlineData("POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nOrigin: https://page.example\r\nContent-Length: 0\r\n", "403")]
    [InlineData("POST /__ADMIN/reset HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nContent-Length: 0\r\n", "403")]
    [InlineData("POST /__admin/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n", "415")]
    public async Task A_web_page_cannot_use_it(string head, string status)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        string answer = await emulator.SendRawAsync($"{head}Connection: close\r\n\r\n{(status == "415" ? "{}" : string.Empty)}");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(emulator.Account.Token, answer, StringComparison.Ordinal);
        (await emulator.VerifyAsync(code)).AssertConfirmed();
    }

    [Fact]
    public async Task The_emulated_API_and_the_rate_limit_know_nothing_of_it()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1, Latency = TimeSpan.FromHours(1) });

        for (int i = 0; i < 5; i++)
        {
            await emulator.ReadAdminAsync("/health");
        }

        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_rejected()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string json = $$"""{"operation":"*","status":500,"body":"{{new string('x', 20_000)}}"}""";
        Answer answer = await emulator.AdminAsync(HttpMethod.Post, "/faults", json);

        answer.AssertRejected(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_OpenAPI_document_describes_each_route()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        JsonElement document = await emulator.ReadAdminAsync("/openapi.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        (string Path, JsonProperty Operation)[] operations =
        [
            .. document.GetProperty("paths").EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation))),
        ];
        Assert.Equal(
            [
                "DELETE /__admin/accounts/{number}/sessions", "DELETE /__admin/accounts/{number}/token",
                "DELETE /__admin/faults", "DELETE /__admin/requests",
                "GET /__admin/accounts", "GET /__admin/accounts/{number}", "GET /__admin/accounts/{number}/sms/latest",
                "GET /__admin/faults", "GET /__admin/health", "GET /__admin/requests",
                "PATCH /__admin/accounts/{number}",
                "POST /__admin/accounts", "POST /__admin/clock", "POST /__admin/faults", "POST /__admin/reset",
            ],
            operations.Select(item => $"{item.Operation.Name.ToUpperInvariant()} {item.Path}").Order(StringComparer.Ordinal));
        Assert.All(operations, item => Assert.NotEmpty(item.Operation.Value.GetProperty("summary").GetString()!));
        JsonElement schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.All(
            schemas.EnumerateObject().Where(schema => schema.Value.TryGetProperty("properties", out _)).ToArray(),
            schema => Assert.NotEmpty(schema.Value.GetProperty("description").GetString()!));
        Assert.All(
            document.GetRawText().Split("\"$ref\": \"#/components/schemas/")[1..],
            reference => Assert.True(schemas.TryGetProperty(reference[..reference.IndexOf('"', StringComparison.Ordinal)], out _)));
    }

    private static async Task<JsonElement> AdvanceAsync(TestEmulator emulator, string time)
    {
        Answer answer = await emulator.AdminAsync(HttpMethod.Post, "/clock", $$"""{"advance":"{{time}}"}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.ReadJson();
    }

    private static async Task<string> OpenSessionAsync(TestEmulator emulator) =>
        (await emulator.VerifyAsync(await emulator.SendSmsAsync())).ReadJson().GetProperty("token").GetString()!;

    private static async Task<TimeSpan?> GetRetryAfterAsync(TestEmulator emulator) =>
        (await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes")).Headers.RetryAfter?.Delta;

    private static async Task<HttpStatusCode> GetCodesStatusAsync(TestEmulator emulator, string token) =>
        (await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes", token)).Status;

    private static IEnumerable<string?> ReadStrings(JsonElement element, string property) =>
        element.GetProperty(property).EnumerateArray().Select(item => item.GetString());

    private static string ComputeTotp(TestEmulator emulator, string secret, TimeSpan ahead = default) =>
        new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp((emulator.Time.GetUtcNow() + ahead).UtcDateTime);
}
