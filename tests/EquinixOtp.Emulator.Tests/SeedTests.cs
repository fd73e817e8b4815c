namespace EquinixOtp.Emulator.Tests;

public class SeedTests
{
    [Fact]
    public async Task A_seed_repeats_all_codes_and_tokens()
    {
        await using TestEmulator one = await StartAsync(42);
        await using TestEmulator two = await StartAsync(42);

        Assert.Equal(await ReadSecretsAsync(one), await ReadSecretsAsync(two));
    }

    [Fact]
    public async Task A_reset_begins_the_sequence_again()
    {
        await using TestEmulator emulator = await StartAsync(42);
        string[] first = await ReadSecretsAsync(emulator);

        await emulator.AdminAsync(HttpMethod.Post, "/reset");

        Assert.Equal(first, await ReadSecretsAsync(emulator));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, -1)]
    [InlineData(null, null)]
    public async Task Other_seeds_and_none_give_others(int? first, int? second)
    {
        await using TestEmulator one = await StartAsync(first);
        await using TestEmulator two = await StartAsync(second);

        string[] others = await ReadSecretsAsync(two);
        Assert.All((await ReadSecretsAsync(one)).Where(secret => secret.Length > 6), secret => Assert.DoesNotContain(secret, others));
    }

    [Fact]
    public async Task Accounts_have_sequences_of_their_own()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Seed = 42, Tokens = ["one", "two"] });
        await using TestEmulator other = await TestEmulator.StartAsync(new() { Seed = 42, Tokens = ["one", "two"] });

        // Whatever another account does meanwhile.
        await emulator.SendSmsAsync();
        foreach (TestEmulator each in new[] { emulator, other })
        {
            await each.SendAsync(HttpMethod.Post, "/user/otp/sms/receive", "two");
        }

        Assert.Equal(emulator.Emulator.Accounts[1].SmsCodes, other.Emulator.Accounts[1].SmsCodes);
        Assert.Empty(emulator.Emulator.Accounts[0].RecoveryCodes.Intersect(emulator.Emulator.Accounts[1].RecoveryCodes));
    }

    private static Task<TestEmulator> StartAsync(int? seed) => TestEmulator.StartAsync(new() { Seed = seed, SessionTokens = true });

    private static async Task<string[]> ReadSecretsAsync(TestEmulator emulator)
    {
        string[] initial = [emulator.Account.Token, emulator.Account.TotpSecret, .. emulator.Account.RecoveryCodes];
        string sms = await emulator.SendSmsAsync();
        string session = (await emulator.VerifyAsync(sms)).ReadJson().GetProperty("token").GetString()!;
        string added = (await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}")).ReadJson().GetProperty("token").GetString()!;
        return [.. initial, sms, session, .. await emulator.ResetCodesAsync(), added];
    }
}
