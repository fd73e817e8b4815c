using System.Net;

namespace EquinixOtp.Emulator.Tests;

public class RateLimitTests
{
    [Fact]
    public async Task Request_above_the_limit_gets_429_with_the_seconds_to_the_next_minute()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 3 });
        for (int request = 0; request < 3; request++)
        {
            await emulator.ListCodesAsync();
        }

        await AssertLimitedAsync(emulator, 60);
        emulator.Time.Advance(TimeSpan.FromSeconds(20.5));
        await AssertLimitedAsync(emulator, 40);
        emulator.Time.Advance(TimeSpan.FromSeconds(39.4));
        await AssertLimitedAsync(emulator, 1);
        Assert.Empty(emulator.Account.SmsCodes);
        emulator.Time.Advance(TimeSpan.FromSeconds(0.1));
        await emulator.SendSmsAsync();
    }

    [Fact]
    public async Task Each_account_has_its_own_limit_and_invalid_tokens_share_one()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1, Tokens = ["one", "two"] });

        foreach ((string? token, HttpStatusCode status) in new[]
        {
            ("one", HttpStatusCode.OK),
            ("one", HttpStatusCode.TooManyRequests),
            ("two", HttpStatusCode.OK),
            ("invalid", HttpStatusCode.Unauthorized),
            ("other", HttpStatusCode.TooManyRequests),
            (null, HttpStatusCode.TooManyRequests),
        })
        {
            Assert.Equal(status, (await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath, token)).Status);
        }
    }

    [Fact]
    public async Task Session_shares_the_limit_of_its_account()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 2, SessionTokens = true });
        string session = await emulator.OpenSessionAsync();

        Response response = await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath, session);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.Status);
    }

    [Fact]
    public async Task Concurrent_requests_are_limited_exactly()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 20 });

        Response[] responses = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(_ => emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)));

        Assert.Equal(20, responses.Count(response => response.Status == HttpStatusCode.OK));
    }

    private static async Task AssertLimitedAsync(TestEmulator emulator, int seconds)
    {
        Response response = await emulator.SendAsync(HttpMethod.Post, TestEmulator.SmsPath);
        response.AssertIs(HttpStatusCode.TooManyRequests, """{"errors":["Too many requests"]}""");
        Assert.Equal(TimeSpan.FromSeconds(seconds), response.Headers.RetryAfter?.Delta);
    }
}
