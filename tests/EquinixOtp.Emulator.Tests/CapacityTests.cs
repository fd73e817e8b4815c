using System.Net;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

/// <summary>The limits of docs/emulator.md that keep the memory of an emulator bounded.</summary>
public class CapacityTests
{
    [Fact]
    public async Task Emulator_keeps_the_last_100_SMS_and_sessions()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { SessionTokens = true });
        List<string> sent = [];
        List<string> sessions = [];
        for (int i = 0; i < 101; i++)
        {
            sessions.Add(await emulator.OpenSessionAsync());
            sent.Add(emulator.Account.SmsCodes[^1]);
        }

        Assert.Equal(sent[1..], emulator.Account.SmsCodes);
        Assert.Equal(100, (await emulator.ReadAdminAsync("/accounts/1")).GetProperty("sessions").GetArrayLength());
        await emulator.AssertTokenAsync(sessions[0], isValid: false);
        await emulator.AssertTokenAsync(sessions[1], isValid: true);
    }

    [Fact]
    public async Task Journal_keeps_the_last_1000_requests_and_256_characters_of_a_path()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        await emulator.SendAsync(HttpMethod.Get, "/first");
        await Parallel.ForAsync(0, 999, TestContext.Current.CancellationToken, async (_, _) => await emulator.ListCodesAsync());
        await emulator.SendAsync(HttpMethod.Get, "/last/" + new string('x', 5000));

        JsonElement[] entries = [.. (await emulator.ReadAdminAsync("/requests")).EnumerateArray()];

        Assert.Equal(1000, entries.Length);
        Assert.Equal("/metal/v1/user/otp/recovery-codes", entries[0].GetProperty("path").GetString());
        Assert.Equal(256, entries[^1].GetProperty("path").GetString()!.Length);
    }

    [Fact]
    public async Task Emulator_has_at_most_100_faults_and_1000_accounts()
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
