using System.Net;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

/// <summary>The limits that keep an emulator's memory bounded, as docs/emulator.md gives them.</summary>
public class CapacityTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_100_SMS_are_kept()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        List<string> sent = [];
        for (int i = 0; i < 105; i++)
        {
            sent.Add(await emulator.SendSmsAsync());
        }

        Assert.Equal(sent[5..], emulator.Account.SmsCodes);
        (await emulator.VerifyAsync(sent[^1])).AssertConfirmed();
    }

    [Fact]
    public async Task The_last_100_sessions_are_open()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        List<string> sessions = [];
        for (int i = 0; i < 105; i++)
        {
            sessions.Add((await emulator.VerifyAsync(await emulator.SendSmsAsync())).ReadJson().GetProperty("token").GetString()!);
        }

        Assert.Equal(100, (await emulator.ReadAdminAsync("/accounts/1")).GetProperty("sessions").GetArrayLength());
        (await emulator.VerifyAsync("wrong", sessions[5])).AssertRejectedOtp();
        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.VerifyAsync("wrong", sessions[4])).Status);
    }

    [Fact]
    public async Task The_last_1000_requests_are_journaled()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.SendAsync(HttpMethod.Get, "/first");
        await Parallel.ForAsync(0, 999, Stop, async (_, _) => await emulator.ListCodesAsync());
        await emulator.SendAsync(HttpMethod.Get, "/last/" + new string('x', 5000));

        JsonElement[] entries = [.. (await emulator.ReadAdminAsync("/requests")).EnumerateArray()];

        Assert.Equal(1000, entries.Length);
        Assert.Equal("/metal/v1/user/otp/recovery-codes", entries[0].GetProperty("path").GetString());
        Assert.Equal(256, entries[^1].GetProperty("path").GetString()!.Length);
    }

    [Fact]
    public async Task There_are_at_most_100_faults_and_1000_accounts()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(
            new() { Tokens = [.. Enumerable.Range(0, 999).Select(i => $"token{i}")] });
        for (int i = 0; i < 100; i++)
        {
            emulator.Emulator.AddFault(new() { Operation = "*", Status = 500 });
        }

        Assert.Throws<InvalidOperationException>(() => emulator.Emulator.AddFault(new() { Operation = "*", Status = 500 }));
        (await emulator.AdminAsync(HttpMethod.Post, "/faults", """{"operation":"*","status":500}""")).AssertRejected();
        Assert.Equal(HttpStatusCode.Created, (await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}")).Status);
        (await emulator.AdminAsync(HttpMethod.Post, "/accounts", "{}")).AssertRejected();
    }
}
