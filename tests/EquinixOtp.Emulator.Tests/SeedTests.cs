namespace EquinixOtp.Emulator.Tests;

public class SeedTests
{
    [Fact]
    public async Task Seed_repeats_codes_and_tokens_in_each_emulator_and_after_a_reset()
    {
        await using TestEmulator first = await StartAsync(42);
        await using TestEmulator second = await StartAsync(42);
        string[] secrets = await ReadSecretsAsync(first);

        Assert.Equal(secrets, await ReadSecretsAsync(second));
        (await second.AdminAsync(HttpMethod.Post, "/reset")).AssertNoContent();
        Assert.Equal(secrets, await ReadSecretsAsync(second));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, -1)]
    [InlineData(null, null)]
    public async Task Different_seeds_give_different_secrets(int? first, int? second)
    {
        await using TestEmulator one = await StartAsync(first);
        await using TestEmulator two = await StartAsync(second);

        // The six digits of an SMS can be equal by chance.
        IEnumerable<string> secrets = (await ReadSecretsAsync(one)).Where(secret => secret.Length > 6);
        Assert.Empty(secrets.Intersect(await ReadSecretsAsync(two)));
    }

    [Fact]
    public async Task Account_has_its_own_sequence()
    {
        EmulatorOptions options = new() { Seed = 42, Tokens = ["one", "two"] };
        await using TestEmulator first = await TestEmulator.StartAsync(options);
        await using TestEmulator second = await TestEmulator.StartAsync(options);

        await first.SendSmsAsync();
        await first.SendAsync(HttpMethod.Post, TestEmulator.SmsPath, "two");
        await second.SendAsync(HttpMethod.Post, TestEmulator.SmsPath, "two");

        Assert.Equal(first.Emulator.Accounts[1].SmsCodes, second.Emulator.Accounts[1].SmsCodes);
        Assert.Empty(first.Account.RecoveryCodes.Intersect(first.Emulator.Accounts[1].RecoveryCodes));
    }

    private static Task<TestEmulator> StartAsync(int? seed) => TestEmulator.StartAsync(new() { Seed = seed, SessionTokens = true });

    private static async Task<string[]> ReadSecretsAsync(TestEmulator emulator)
    {
        string[] initial = [emulator.Account.Token, emulator.Account.TotpSecret, .. emulator.Account.RecoveryCodes];
        string session = await emulator.OpenSessionAsync();
        string added = (await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}")).ReadJson().GetProperty("token").GetString()!;
        return [.. initial, emulator.Account.SmsCodes[^1], session, .. await emulator.ResetCodesAsync(), added];
    }
}
