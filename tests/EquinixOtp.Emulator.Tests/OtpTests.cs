using System.Net;
using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class OtpTests
{
    // The secret of the test vectors of RFC 6238.
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Fact]
    public async Task SMS_code_is_accepted_once()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        var sent = new List<SmsSentEventArgs>();
        emulator.Emulator.SmsSent += (_, sms) => sent.Add(sms);

        string code = await emulator.SendSmsAsync();

        Assert.Matches("^[0-9]{6}$", code);
        SmsSentEventArgs sms = Assert.Single(sent);
        Assert.Equal((emulator.Account, code), (sms.Account, sms.Code));
        (await emulator.VerifyAsync("invalid")).AssertInvalidOtp();
        (await emulator.VerifyAsync(code)).AssertNoContent();
        (await emulator.VerifyAsync(code)).AssertInvalidOtp();
    }

    [Fact]
    public async Task SMS_code_expires_after_five_minutes()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string code = await emulator.SendSmsAsync();
        emulator.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await emulator.VerifyAsync(code)).AssertNoContent();

        code = await emulator.SendSmsAsync();
        emulator.Time.Advance(TimeSpan.FromMinutes(5));
        (await emulator.VerifyAsync(code)).AssertInvalidOtp();
    }

    [Fact]
    public async Task New_SMS_replaces_the_previous_code()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string previous = await emulator.SendSmsAsync();
        string latest = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync(previous)).AssertInvalidOtp();
        (await emulator.VerifyAsync(latest)).AssertNoContent();
    }

    [Fact]
    public async Task Concurrent_SMS_are_all_kept()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => emulator.SendSmsAsync()));

        Assert.Equal(100, emulator.Account.SmsCodes.Count);
    }

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(20000000000, "353130")]
    public async Task Test_vector_of_RFC_6238_is_accepted(long unixSeconds, string code)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(unixSeconds));
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret }, time);

        (await emulator.VerifyAsync(code)).AssertNoContent();
    }

    [Theory]
    [InlineData(-2, HttpStatusCode.FailedDependency)]
    [InlineData(-1, HttpStatusCode.NoContent)]
    [InlineData(1, HttpStatusCode.NoContent)]
    [InlineData(2, HttpStatusCode.FailedDependency)]
    public async Task TOTP_code_of_one_step_on_each_side_is_accepted(int step, HttpStatusCode status)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        Assert.Equal(status, (await emulator.VerifyAsync(ComputeTotp(emulator, step))).Status);
    }

    [Fact]
    public async Task TOTP_code_of_a_used_or_earlier_step_is_rejected()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string earlier = ComputeTotp(emulator, 0);
        string used = ComputeTotp(emulator, 1);

        (await emulator.VerifyAsync(used)).AssertNoContent();
        (await emulator.VerifyAsync(used)).AssertInvalidOtp();
        (await emulator.VerifyAsync(earlier)).AssertInvalidOtp();
        emulator.Time.Advance(TimeSpan.FromSeconds(30));
        (await emulator.VerifyAsync(used)).AssertInvalidOtp();
        (await emulator.VerifyAsync(ComputeTotp(emulator, 1))).AssertNoContent();
    }

    [Fact]
    public async Task TOTP_URI_has_the_normalized_secret()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = "jbswy3dpehpk3pxp====" });

        Assert.Equal("JBSWY3DPEHPK3PXP", emulator.Account.TotpSecret);
        Assert.Equal(
            "otpauth://totp/EquinixOtp:account1?secret=JBSWY3DPEHPK3PXP&issuer=EquinixOtp&algorithm=SHA1&digits=6&period=30",
            emulator.Account.TotpUri.AbsoluteUri);
        (await emulator.VerifyAsync(ComputeTotp(emulator, 0))).AssertNoContent();
    }

    [Fact]
    public async Task Recovery_code_is_accepted_once_and_removed()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string[] codes = await emulator.ListCodesAsync();
        Assert.Equal(10, codes.Distinct().Count());

        (await emulator.VerifyAsync(codes[4])).AssertNoContent();
        (await emulator.VerifyAsync(codes[4])).AssertInvalidOtp();

        Assert.Equal(codes.Except([codes[4]]), await emulator.ListCodesAsync());
        Assert.Equal(emulator.Account.RecoveryCodes, await emulator.ListCodesAsync());
    }

    [Fact]
    public async Task Recovery_codes_are_JSON_in_the_documented_form()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string expected = $$"""{"recovery_codes":["{{string.Join("\",\"", emulator.Account.RecoveryCodes)}}"]}""";

        (await emulator.SendAsync(HttpMethod.Get, TestEmulator.CodesPath)).AssertIs(HttpStatusCode.OK, expected);
    }

    [Fact]
    public async Task Reset_replaces_all_recovery_codes()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string[] before = await emulator.ListCodesAsync();
        (await emulator.VerifyAsync(before[0])).AssertNoContent();

        string[] after = await emulator.ResetCodesAsync();

        Assert.Equal(10, after.Length);
        Assert.Empty(before.Intersect(after));
        Assert.Equal(after, await emulator.ListCodesAsync());
        (await emulator.VerifyAsync(before[1])).AssertInvalidOtp();
        (await emulator.VerifyAsync(after[1])).AssertNoContent();
    }

    [Fact]
    public async Task Concurrent_resets_and_lists_see_complete_sets()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string initial = string.Join(' ', await emulator.ListCodesAsync());

        Task<string[]>[] resets = [.. Enumerable.Range(0, 50).Select(_ => emulator.ResetCodesAsync())];
        Task<string[]>[] lists = [.. Enumerable.Range(0, 50).Select(_ => emulator.ListCodesAsync())];
        HashSet<string> sets = [initial, .. (await Task.WhenAll(resets)).Select(codes => string.Join(' ', codes))];

        Assert.Equal(51, sets.Count);
        Assert.All(await Task.WhenAll(lists), codes => Assert.Contains(string.Join(' ', codes), sets));
    }

    [Fact]
    public async Task One_of_many_concurrent_verifications_succeeds()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        foreach (string otp in new[] { ComputeTotp(emulator, 0), emulator.Account.RecoveryCodes[0] })
        {
            Response[] responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => emulator.VerifyAsync(otp)));

            Assert.Single(responses, response => response.Status == HttpStatusCode.NoContent);
        }
    }

    [Fact]
    public async Task Accounts_share_only_the_TOTP_secret()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        IReadOnlyList<string> others = emulator.Emulator.Accounts[1].RecoveryCodes;
        string sms = await emulator.SendSmsAsync();
        string totp = ComputeTotp(emulator, 0);

        Assert.Empty(others.Intersect(await emulator.ListCodesAsync()));
        (await emulator.VerifyAsync(others[0], "one")).AssertInvalidOtp();
        (await emulator.VerifyAsync(sms, "two")).AssertInvalidOtp();
        (await emulator.VerifyAsync(totp, "one")).AssertNoContent();
        (await emulator.VerifyAsync(totp, "two")).AssertNoContent();
        await emulator.ResetCodesAsync();
        Assert.Equal(others, await emulator.ListCodesAsync("two"));
    }

    private static string ComputeTotp(TestEmulator emulator, int step) =>
        new Totp(Base32Encoding.ToBytes(emulator.Account.TotpSecret))
            .ComputeTotp(emulator.Time.GetUtcNow().AddSeconds(30 * step).UtcDateTime);
}
