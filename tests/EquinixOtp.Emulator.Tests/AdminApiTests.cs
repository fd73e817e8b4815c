using System.Net;
using System.Text.Json;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class AdminApiTests
{
    [Fact]
    public async Task Health_reports_version_URL_and_time()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        JsonElement health = await emulator.ReadAdminAsync("/health");

        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal(emulator.Emulator.Url.ToString(), health.GetProperty("url").GetString());
        Assert.Equal(emulator.Time.GetUtcNow(), health.GetProperty("now").GetDateTimeOffset());
        Assert.Matches(@"^\d+\.\d+\.\d+(-\w+)?$", health.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Account_shows_its_secrets_SMS_and_sessions()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"], SessionTokens = true });
        string session = await emulator.OpenSessionAsync();
        emulator.Time.Advance(TimeSpan.FromSeconds(5));
        await emulator.SendSmsAsync();

        JsonElement accounts = await emulator.ReadAdminAsync("/accounts");

        Assert.Equal(["one", "two"], accounts.EnumerateArray().Select(item => item.GetProperty("token").GetString()));
        JsonElement account = accounts[0];
        Assert.Equal(account.GetRawText(), (await emulator.ReadAdminAsync("/accounts/1")).GetRawText());
        Assert.Equal(1, account.GetProperty("number").GetInt32());
        Assert.False(account.GetProperty("tokenRevoked").GetBoolean());
        Assert.Equal(emulator.Account.TotpSecret, account.GetProperty("totpSecret").GetString());
        Assert.Equal(emulator.Account.TotpUri.AbsoluteUri, account.GetProperty("totpUri").GetString());
        Assert.Equal(emulator.Account.RecoveryCodes, ReadStrings(account, "recoveryCodes"));
        JsonElement[] sms = [.. account.GetProperty("sms").EnumerateArray()];
        Assert.Equal(emulator.Account.SmsCodes, sms.Select(message => message.GetProperty("code").GetString()));
        Assert.Equal([true, false], sms.Select(message => message.GetProperty("used").GetBoolean()));
        Assert.Equal(emulator.Time.GetUtcNow(), sms[1].GetProperty("sentAt").GetDateTimeOffset());
        JsonElement open = Assert.Single(account.GetProperty("sessions").EnumerateArray().ToArray());
        Assert.Equal(session, open.GetProperty("token").GetString());
        Assert.Equal(0, accounts[1].GetProperty("sms").GetArrayLength());
    }

    [Fact]
    public async Task Latest_SMS_is_returned_at_once_while_its_code_is_valid()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.SendSmsAsync();
        string code = await emulator.SendSmsAsync();

        // The fake clock does not advance, so a wait would not end.
        Assert.Equal(code, (await emulator.ReadAdminAsync("/accounts/1/sms/latest?wait=60")).GetProperty("code").GetString());
        (await emulator.VerifyAsync(code)).AssertNoContent();
        JsonElement sms = await emulator.ReadAdminAsync("/accounts/1/sms/latest");
        Assert.Equal(code, sms.GetProperty("code").GetString());
        Assert.True(sms.GetProperty("used").GetBoolean());
    }

    [Fact]
    public async Task Wait_for_an_SMS_ignores_a_used_one()
    {
        var time = new ObservedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);
        (await emulator.VerifyAsync(await emulator.SendSmsAsync())).AssertNoContent();

        Task<JsonElement> wait = emulator.ReadAdminAsync("/accounts/1/sms/latest?wait=10");
        await time.NextTimerAsync();
        Assert.False(wait.IsCompleted);
        string code = await emulator.SendSmsAsync();

        Assert.Equal(code, (await wait).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Wait_for_an_SMS_ends_with_404_after_its_time()
    {
        var time = new ObservedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(time: time);

        Task<Response> wait = emulator.AdminAsync(HttpMethod.Get, "/accounts/1/sms/latest?wait=1.5");
        Assert.Equal(TimeSpan.FromSeconds(1.5), await time.NextTimerAsync());
        time.Advance(TimeSpan.FromSeconds(1.5));

        (await wait).AssertRejected(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Recovery_codes_can_be_set()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Response response = await emulator.AdminAsync(HttpMethod.Patch, "/accounts/1", """{"recoveryCodes":["first","second"]}""");

        Assert.Equal(["first", "second"], ReadStrings(response.ReadJson(), "recoveryCodes"));
        Assert.Equal(["first", "second"], await emulator.ListCodesAsync());
        (await emulator.VerifyAsync("second")).AssertNoContent();
    }

    [Fact]
    public async Task TOTP_secret_can_be_set_per_account()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        string initial = ComputeTotp(emulator);
        (await emulator.VerifyAsync(initial, "two")).AssertNoContent();

        await emulator.AdminAsync(HttpMethod.Patch, "/accounts/2", """{"totpSecret":"jbswy3dpehpk3pxp"}""");

        Assert.Equal("JBSWY3DPEHPK3PXP", emulator.Emulator.Accounts[1].TotpSecret);
        (await emulator.VerifyAsync(ComputeTotp(emulator, account: 2), "two")).AssertNoContent();
        (await emulator.VerifyAsync(initial, "two")).AssertInvalidOtp();
        (await emulator.VerifyAsync(initial, "one")).AssertNoContent();
    }

    [Theory]
    [InlineData("token", false)]
    [InlineData("sessions", true)]
    public async Task Token_and_sessions_are_revoked_separately(string revoked, bool isTokenValid)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        string[] sessions = [await emulator.OpenSessionAsync(), await emulator.OpenSessionAsync()];

        (await emulator.AdminAsync(HttpMethod.Delete, $"/accounts/1/{revoked}")).AssertNoContent();

        await emulator.AssertTokenAsync(emulator.Account.Token, isTokenValid);
        await emulator.AssertTokenAsync(sessions[0], !isTokenValid);
        await emulator.AssertTokenAsync(sessions[1], !isTokenValid);
        JsonElement account = await emulator.ReadAdminAsync("/accounts/1");
        Assert.Equal(!isTokenValid, account.GetProperty("tokenRevoked").GetBoolean());
        Assert.Equal(isTokenValid ? 0 : 2, account.GetProperty("sessions").GetArrayLength());
    }

    [Fact]
    public async Task Account_can_be_added()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Response added = await emulator.AdminAsync(HttpMethod.Post, "/accounts", """{"token":"new","totpSecret":"JBSWY3DPEHPK3PXP"}""");
        Response random = await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}");

        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal("/__admin/accounts/2", added.Headers.Location?.OriginalString);
        Assert.Equal(ReadStrings(added.ReadJson(), "recoveryCodes"), await emulator.ListCodesAsync("new"));
        (await emulator.VerifyAsync(ComputeTotp(emulator, account: 2), "new")).AssertNoContent();
        Assert.Equal(3, random.ReadJson().GetProperty("number").GetInt32());
        Assert.Equal(emulator.Account.TotpSecret, random.ReadJson().GetProperty("totpSecret").GetString());
        await emulator.AssertTokenAsync(random.ReadJson().GetProperty("token").GetString()!, isValid: true);
    }

    [Fact]
    public async Task Clock_advances_SMS_TOTP_and_rate_limit()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 3 });
        string code = await emulator.SendSmsAsync();
        string totp = ComputeTotp(emulator);
        await emulator.ListCodesAsync();
        await emulator.ListCodesAsync();

        await AdvanceAsync(emulator, "00:00:45");
        Response limited = await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath);
        Assert.Equal(TimeSpan.FromSeconds(15), limited.Headers.RetryAfter?.Delta);
        JsonElement now = await AdvanceAsync(emulator, "00:04:15");

        Assert.Equal(emulator.Time.GetUtcNow() + TimeSpan.FromMinutes(5), now.GetProperty("now").GetDateTimeOffset());
        (await emulator.VerifyAsync(code)).AssertInvalidOtp();
        (await emulator.VerifyAsync(totp)).AssertInvalidOtp();
        (await emulator.VerifyAsync(ComputeTotp(emulator, ahead: TimeSpan.FromMinutes(5)))).AssertNoContent();
    }

    [Theory]
    [InlineData("GET", "/accounts/1/sms/latest?wait=-1")]
    [InlineData("GET", "/accounts/1/sms/latest?wait=61")]
    [InlineData("GET", "/accounts/1/sms/latest?wait=NaN")]
    [InlineData("GET", "/accounts/1/sms/latest?wait=soon")]
    [InlineData("POST", "/accounts", """{"token":"taken"}""")]
    [InlineData("POST", "/accounts", """{"token":""}""")]
    [InlineData("POST", "/accounts", """{"totpSecret":"0189"}""")]
    [InlineData("POST", "/accounts", """{"name":"x"}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":["same","same"]}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":[""]}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":[null]}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":["a b"]}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":"code"}""")]
    [InlineData("PATCH", "/accounts/1", """{"totpSecrets":"JBSWY3DPEHPK3PXP"}""")]
    [InlineData("PATCH", "/accounts/1", """{"recoveryCodes":["valid"],"totpSecret":""}""")]
    [InlineData("PATCH", "/accounts/1", "null")]
    [InlineData("PATCH", "/accounts/1", "")]
    [InlineData("PATCH", "/accounts/1", "{")]
    [InlineData("POST", "/clock", """{"advance":"00:00:00"}""")]
    [InlineData("POST", "/clock", """{"advance":"-00:01:00"}""")]
    [InlineData("POST", "/clock", """{"advance":"3661.00:00:00"}""")]
    [InlineData("POST", "/clock", """{"advance":360}""")]
    [InlineData("POST", "/clock", "{}")]
    public async Task Invalid_admin_request_is_rejected_without_effect(string method, string path, string? json = null)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["taken"] });
        string before = await ReadStateAsync();

        (await emulator.AdminAsync(new HttpMethod(method), path, json)).AssertRejected();

        Assert.Equal(before, await ReadStateAsync());

        async Task<string> ReadStateAsync() => $"{await emulator.ReadAdminAsync("/accounts")} {await emulator.ReadAdminAsync("/health")}";
    }

    [Theory]
    [InlineData("GET", "/accounts/0")]
    [InlineData("GET", "/accounts/2")]
    [InlineData("GET", "/accounts/x")]
    [InlineData("GET", "/accounts/1/sms/latest")]
    [InlineData("GET", "/accounts/2/sms/latest?wait=60")]
    [InlineData("DELETE", "/accounts/2/token")]
    [InlineData("PATCH", "/accounts/2")]
    [InlineData("GET", "")]
    [InlineData("PUT", "/reset")]
    public async Task Unknown_resource_is_not_found(string method, string path)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Response response = await emulator.AdminAsync(new HttpMethod(method), path, method == "PATCH" ? "{}" : null);

        response.AssertRejected(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Long_body_is_rejected()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string json = $$"""{"operation":"*","status":500,"body":"{{new string('x', 20_000)}}"}""";

        (await emulator.AdminAsync(HttpMethod.Post, "/faults", json)).AssertRejected(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("/__admin/reset", "Host: rebound.example\r\n", 400)]
    [InlineData("/__admin/reset", "Host: localhost\r\nOrigin: https://page.example\r\n", 403)]
    [InlineData("/__ADMIN/reset", "Host: localhost\r\nOrigin: null\r\n", 403)]
    public async Task Request_of_a_web_page_is_rejected_without_effect(string path, string headers, int status)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", await emulator.SendRawAsync($"POST {path}", headers), StringComparison.Ordinal);

        (await emulator.VerifyAsync(code)).AssertNoContent();
    }

    [Fact]
    public async Task Body_that_is_not_declared_as_JSON_is_rejected()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent("""{"operation":"*","status":500}""");

        HttpResponseMessage response =
            await http.PostAsync($"{emulator.Emulator.AdminUrl}/faults", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(0, (await emulator.ReadAdminAsync("/faults")).GetArrayLength());
    }

    [Fact]
    public async Task Journal_lists_requests_to_the_emulated_API()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        await emulator.AddFaultAsync("""{"operation":"receiveCodes","name":"outage"}""");
        await emulator.VerifyAsync("wrong", "two");
        emulator.Time.Advance(TimeSpan.FromSeconds(1));
        await emulator.SendAsync(HttpMethod.Post, $"{TestEmulator.SmsPath}?x=y");
        await emulator.SendAsync(HttpMethod.Get, "/nowhere", "invalid");

        JsonElement[] entries = [.. (await emulator.ReadAdminAsync("/requests")).EnumerateArray()];

        Assert.Equal(
            [
                """{"method":"POST","path":"/metal/v1/user/otp/verify/wrong","operation":"findEnsureOtp","account":2,"status":424}""",
                """{"method":"POST","path":"/metal/v1/user/otp/sms/receive","operation":"receiveCodes","account":"""
                    + """1,"status":503,"fault":"outage"}""",
                """{"method":"GET","path":"/metal/v1/nowhere","status":404}""",
            ],
            entries.Select(entry => "{" + entry.GetRawText()[(entry.GetRawText().IndexOf(',', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(emulator.Time.GetUtcNow(), entries[1].GetProperty("time").GetDateTimeOffset());
        (await emulator.AdminAsync(HttpMethod.Delete, "/requests")).AssertNoContent();
        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
    }

    [Fact]
    public async Task Reset_restores_the_initial_state()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(
            new() { SessionTokens = true, RateLimit = 3, Faults = [new() { Operation = "receiveCodes", Name = "outage", Count = 1 }] });
        EmulatedAccount account = emulator.Account;
        IReadOnlyList<string> codes = account.RecoveryCodes;
        string secret = account.TotpSecret;
        string totp = ComputeTotp(emulator);
        string session = (await emulator.VerifyAsync(totp)).ReadJson().GetProperty("token").GetString()!;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Post, TestEmulator.SmsPath)).Status);
        await emulator.SendSmsAsync();
        await emulator.ResetCodesAsync();
        await emulator.AddFaultAsync("""{"operation":"*","status":500}""");
        await emulator.AdminAsync(HttpMethod.Post, "/accounts", """{"token":"added"}""");
        await emulator.AdminAsync(HttpMethod.Patch, "/accounts/1", """{"totpSecret":"JBSWY3DPEHPK3PXP"}""");
        await emulator.AdminAsync(HttpMethod.Delete, "/accounts/1/token");
        await AdvanceAsync(emulator, "00:10:00");

        (await emulator.AdminAsync(HttpMethod.Post, "/reset")).AssertNoContent();

        Assert.Same(account, Assert.Single(emulator.Emulator.Accounts));
        Assert.Equal(codes, account.RecoveryCodes);
        Assert.Equal(secret, account.TotpSecret);
        Assert.Empty(account.SmsCodes);
        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
        Assert.Equal(emulator.Time.GetUtcNow(), (await emulator.ReadAdminAsync("/health")).GetProperty("now").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await emulator.SendAsync(HttpMethod.Post, TestEmulator.SmsPath)).Status);
        await emulator.AssertTokenAsync(session, isValid: false);
        await emulator.AssertTokenAsync("added", isValid: false);
        Assert.Equal(HttpStatusCode.OK, (await emulator.VerifyAsync(totp)).Status);
    }

    [Fact]
    public async Task Admin_requests_are_not_journaled_limited_or_delayed()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1, Latency = TimeSpan.FromHours(1) });

        await emulator.ReadAdminAsync("/health");
        await emulator.ReadAdminAsync("/health");

        Assert.Equal(0, (await emulator.ReadAdminAsync("/requests")).GetArrayLength());
    }

    [Fact]
    public async Task OpenAPI_document_describes_each_route()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        JsonElement document = await emulator.ReadAdminAsync("/openapi.json");

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
        Assert.All(
            document.GetProperty("components").GetProperty("schemas").EnumerateObject()
                .Where(schema => schema.Value.TryGetProperty("properties", out _)).ToArray(),
            schema => Assert.NotEmpty(schema.Value.GetProperty("description").GetString()!));
    }

    private static async Task<JsonElement> AdvanceAsync(TestEmulator emulator, string time)
    {
        Response response = await emulator.AdminAsync(HttpMethod.Post, "/clock", $$"""{"advance":"{{time}}"}""");
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return response.ReadJson();
    }

    private static IEnumerable<string?> ReadStrings(JsonElement element, string property) =>
        element.GetProperty(property).EnumerateArray().Select(item => item.GetString());

    private static string ComputeTotp(TestEmulator emulator, int account = 1, TimeSpan ahead = default) =>
        new Totp(Base32Encoding.ToBytes(emulator.Emulator.Accounts[account - 1].TotpSecret))
            .ComputeTotp((emulator.Time.GetUtcNow() + ahead).UtcDateTime);
}
