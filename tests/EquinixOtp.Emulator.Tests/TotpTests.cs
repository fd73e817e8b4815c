using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace EquinixOtp.Emulator.Tests;

public class TotpTests
{
    // The secret of RFC 6238's own test vectors.
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public async Task The_vectors_of_RFC_6238_are_accepted(long unixSeconds, string code)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(unixSeconds));
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret }, time);

        (await emulator.VerifyAsync(code)).AssertConfirmed();
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task One_step_of_tolerance_holds_each_side(int steps, bool accepted)
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret });

        Answer answer = await emulator.VerifyAsync(CodeAt(emulator, steps));

        if (accepted)
        {
            answer.AssertConfirmed();
        }
        else
        {
            answer.AssertRejectedOtp();
        }
    }

    [Fact]
    public async Task A_code_is_accepted_once()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret });
        string code = CodeAt(emulator, 0);

        (await emulator.VerifyAsync(code)).AssertConfirmed();
        (await emulator.VerifyAsync(code)).AssertRejectedOtp();
        emulator.Time.Advance(TimeSpan.FromSeconds(30));
        (await emulator.VerifyAsync(code)).AssertRejectedOtp();
        (await emulator.VerifyAsync(CodeAt(emulator, 0))).AssertConfirmed();
    }

    [Fact]
    public async Task A_used_step_refuses_the_earlier_ones()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret });

        (await emulator.VerifyAsync(CodeAt(emulator, 1))).AssertConfirmed();
        (await emulator.VerifyAsync(CodeAt(emulator, 0))).AssertRejectedOtp();
        (await emulator.VerifyAsync(CodeAt(emulator, -1))).AssertRejectedOtp();
    }

    [Fact]
    public async Task Accounts_share_the_secret_but_not_what_is_used_up()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret, Tokens = ["one", "two"] });
        string code = CodeAt(emulator, 0);

        (await emulator.VerifyAsync(code, "one")).AssertConfirmed();
        (await emulator.VerifyAsync(code, "two")).AssertConfirmed();
        (await emulator.VerifyAsync(code, "two")).AssertRejectedOtp();
    }

    [Fact]
    public async Task Of_many_calls_with_one_code_one_succeeds()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = Secret });
        string code = CodeAt(emulator, 0);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => emulator.VerifyAsync(code)));

        Assert.Single(answers, answer => answer.Status == System.Net.HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task The_URI_carries_the_secret_that_is_checked()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { TotpSecret = "jbswy3dpehpk3pxp====" });

        Assert.Equal("JBSWY3DPEHPK3PXP", emulator.Account.TotpSecret);
        Assert.StartsWith("otpauth://totp/", emulator.Account.TotpUri.ToString(), StringComparison.Ordinal);
        Assert.Equal(emulator.Account.TotpUri.AbsoluteUri, emulator.Account.TotpUri.ToString());
        Assert.Contains("secret=JBSWY3DPEHPK3PXP&", emulator.Account.TotpUri.Query, StringComparison.Ordinal);
        (await emulator.VerifyAsync(CodeAt(emulator, 0))).AssertConfirmed();
    }

    [Fact]
    public async Task A_random_secret_works_and_differs_between_emulators()
    {
        await using TestEmulator one = await TestEmulator.StartAsync();
        await using TestEmulator two = await TestEmulator.StartAsync();

        Assert.NotEqual(one.Account.TotpSecret, two.Account.TotpSecret);
        (await one.VerifyAsync(CodeAt(one, 0))).AssertConfirmed();
        (await two.VerifyAsync(CodeAt(two, 0))).AssertConfirmed();
    }

    private static string CodeAt(TestEmulator emulator, int steps) =>
        new Totp(Base32Encoding.ToBytes(emulator.Account.TotpSecret)).ComputeTotp(emulator.Time.GetUtcNow().AddSeconds(30 * steps).UtcDateTime);
}
