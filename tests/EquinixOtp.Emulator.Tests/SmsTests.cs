using System.Collections.Concurrent;

namespace EquinixOtp.Emulator.Tests;

public class SmsTests
{
    [Fact]
    public async Task An_SMS_holds_six_digits_that_are_accepted_once()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string code = await emulator.SendSmsAsync();

        Assert.Matches("^[0-9]{6}$", code);
        (await emulator.VerifyAsync(code)).AssertConfirmed();
        (await emulator.VerifyAsync(code)).AssertRejectedOtp();
    }

    [Fact]
    public async Task Asking_for_an_SMS_answers_204_without_a_body()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        (await emulator.SendAsync(HttpMethod.Post, "/user/otp/sms/receive")).AssertConfirmed();
    }

    [Fact]
    public async Task A_code_is_valid_for_less_than_five_minutes()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string code = await emulator.SendSmsAsync();
        emulator.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await emulator.VerifyAsync(code)).AssertConfirmed();

        code = await emulator.SendSmsAsync();
        emulator.Time.Advance(TimeSpan.FromMinutes(5));
        (await emulator.VerifyAsync(code)).AssertRejectedOtp();
    }

    [Fact]
    public async Task A_new_SMS_replaces_the_former()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        string former = await emulator.SendSmsAsync();
        string latter = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync(former)).AssertRejectedOtp();
        (await emulator.VerifyAsync(latter)).AssertConfirmed();
        Assert.Equal([former, latter], emulator.Account.SmsCodes);
    }

    [Fact]
    public async Task A_wrong_OTP_does_not_use_the_code_up()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        string code = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync("nonsense")).AssertRejectedOtp();
        (await emulator.VerifyAsync(code)).AssertConfirmed();
    }

    [Fact]
    public async Task A_code_belongs_to_the_account_that_asked()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Tokens = ["one", "two"] });
        string code = await emulator.SendSmsAsync();

        (await emulator.VerifyAsync(code, "two")).AssertRejectedOtp();
        Assert.Empty(emulator.Emulator.Accounts[1].SmsCodes);
        (await emulator.VerifyAsync(code, "one")).AssertConfirmed();
    }

    [Fact]
    public async Task The_event_names_account_and_code_before_the_answer()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        var sent = new ConcurrentQueue<SmsSentEventArgs>();
        emulator.Emulator.SmsSent += (_, sms) => sent.Enqueue(sms);

        string code = await emulator.SendSmsAsync();

        SmsSentEventArgs sms = Assert.Single(sent);
        Assert.Same(emulator.Account, sms.Account);
        Assert.Equal(code, sms.Code);
    }

    [Fact]
    public async Task Many_at_once_are_all_kept()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => emulator.SendSmsAsync()));

        Assert.Equal(100, emulator.Account.SmsCodes.Count);
    }
}
