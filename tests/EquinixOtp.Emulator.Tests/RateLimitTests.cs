using System.Net;

namespace EquinixOtp.Emulator.Tests;

public class RateLimitTests
{
    [Fact]
    public async Task Calls_past_the_limit_get_429_and_when_to_return()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 3 });
        for (int call = 0; call < 3; call++)
        {
            await emulator.AssertServesAsync();
        }

        await AssertLimitedAsync(emulator, 60);
        emulator.Time.Advance(TimeSpan.FromSeconds(20.5));
        await AssertLimitedAsync(emulator, 40);
        emulator.Time.Advance(TimeSpan.FromSeconds(39.4));
        await AssertLimitedAsync(emulator, 1);
        emulator.Time.Advance(TimeSpan.FromSeconds(0.1));
        await emulator.AssertServesAsync();
    }

    [Fact]
    public async Task A_limited_call_has_no_effect()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1 });
        string code = await emulator.SendSmsAsync();

        await AssertLimitedAsync(emulator, 60, HttpMethod.Post, "/user/otp/sms/receive");
        await AssertLimitedAsync(emulator, 60, HttpMethod.Post, $"/user/otp/verify/{code}");
        emulator.Time.Advance(TimeSpan.FromMinutes(1));
        (await emulator.VerifyAsync(code)).AssertConfirmed();
        Assert.Single(emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task Each_account_has_its_own_limit_and_strangers_share_one()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1, Tokens = ["one", "two"] });
        const string Path = "/user/otp/recovery-codes";

        Assert.Equal(HttpStatusCode.OK, (await emulator.SendAsync(HttpMethod.Get, Path, "one")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await emulator.SendAsync(HttpMethod.Get, Path, "one")).Status);
        Assert.Equal(HttpStatusCode.OK, (await emulator.SendAsync(HttpMethod.Get, Path, "two")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.SendAsync(HttpMethod.Get, Path, "stranger")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await emulator.SendAsync(HttpMethod.Get, Path, "another")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await emulator.SendAsync(HttpMethod.Get, Path, null)).Status);
    }

    [Fact]
    public async Task A_session_counts_with_its_account()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 2, SessionTokens = true });
        Answer answer = await emulator.VerifyAsync(await emulator.SendSmsAsync());
        string session = answer.Body.Split('"')[3];

        Assert.Equal(HttpStatusCode.TooManyRequests, (await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes", session)).Status);
    }

    [Fact]
    public async Task Concurrent_calls_are_counted_exactly()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 20 });

        Answer[] answers = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(_ => emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes")));

        Assert.Equal(20, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(40, answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests));
    }

    private static Task AssertLimitedAsync(TestEmulator emulator, int seconds) =>
        AssertLimitedAsync(emulator, seconds, HttpMethod.Get, "/user/otp/recovery-codes");

    private static async Task AssertLimitedAsync(TestEmulator emulator, int seconds, HttpMethod method, string path)
    {
        Answer answer = await emulator.SendAsync(method, path);
        answer.AssertIs(HttpStatusCode.TooManyRequests, """{"errors":["Too many requests"]}""");
        Assert.Equal(TimeSpan.FromSeconds(seconds), answer.Headers.RetryAfter?.Delta);
    }
}
