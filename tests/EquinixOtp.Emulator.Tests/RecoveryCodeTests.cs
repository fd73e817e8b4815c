using System.Net;

namespace EquinixOtp.Emulator.Tests;

public class RecoveryCodeTests
{
    [Fact]
    public async Task There_are_ten_and_they_stay()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string[] codes = await emulator.ListCodesAsync();

        Assert.Equal(10, codes.Distinct().Count());
        Assert.Equal(codes, await emulator.ListCodesAsync());
        Assert.Equal(codes, emulator.Account.RecoveryCodes);
    }

    [Fact]
    public async Task The_answer_is_JSON_of_the_documented_shape()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string expected = $$"""{"recovery_codes":["{{string.Join("\",\"", emulator.Account.RecoveryCodes)}}"]}""";

        (await emulator.SendAsync(HttpMethod.Get, "/user/otp/recovery-codes")).AssertIs(HttpStatusCode.OK, expected);
    }

    [Fact]
    public async Task Each_is_accepted_once_and_then_leaves_the_list()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        List<string> left = [.. await emulator.ListCodesAsync()];

        foreach (string code in left.ToArray())
        {
            (await emulator.VerifyAsync(code)).AssertConfirmed();
            (await emulator.VerifyAsync(code)).AssertRejectedOtp();
            left.Remove(code);
            Assert.Equal(left, await emulator.ListCodesAsync());
        }
    }

    [Fact]
    public async Task A_reset_replaces_all()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string[] before = await emulator.ListCodesAsync();
        (await emulator.VerifyAsync(before[0])).AssertConfirmed();

        string[] after = await emulator.ResetCodesAsync();

        Assert.Equal(10, after.Length);
        Assert.Empty(before.Intersect(after));
        Assert.Equal(after, await emulator.ListCodesAsync());
        (await emulator.VerifyAsync(before[1])).AssertRejectedOtp();
        (await emulator.VerifyAsync(after[1])).AssertConfirmed();
    }

    [Fact]
    public async Task Concurrent_resets_and_lists_never_see_a_mixture()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string initial = string.Join(' ', await emulator.ListCodesAsync());

        Task<string[]>[] resets = [.. Enumerable.Range(0, 50).Select(_ => emulator.ResetCodesAsync())];
        Task<string[]>[] lists = [.. Enumerable.Range(0, 50).Select(_ => emulator.ListCodesAsync())];
        HashSet<string> sets = [initial, .. (await Task.WhenAll(resets)).Select(codes => string.Join(' ', codes))];

        Assert.Equal(51, sets.Count);
        Assert.All(await Task.WhenAll(lists), codes => Assert.Contains(string.Join(' ', codes), sets));
        string last = string.Join(' ', await emulator.ListCodesAsync());
        Assert.NotEqual(initial, last);
        Assert.Contains(last, sets);
    }

    [Fact]
    public async Task Of_many_calls_with_one_code_one_succeeds()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = emulator.Account.RecoveryCodes[0];

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => emulator.VerifyAsync(code)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Accounts_have_codes_of_their_own()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        IReadOnlyList<string> others = emulator.Emulator.Accounts[1].RecoveryCodes;

        Assert.Empty(others.Intersect(await emulator.ListCodesAsync()));
        (await emulator.VerifyAsync(others[0], "one")).AssertRejectedOtp();
        await emulator.ResetCodesAsync();
        Assert.Equal(others, emulator.Emulator.Accounts[1].RecoveryCodes);
    }
}
