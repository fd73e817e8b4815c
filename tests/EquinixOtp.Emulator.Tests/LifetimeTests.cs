namespace EquinixOtp.Emulator.Tests;

public class LifetimeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<EmulatorOptions> InvalidOptions =>
    [
        new EmulatorOptions { Port = -1 },
        new EmulatorOptions { Port = 65536 },
        new EmulatorOptions { Port = 0, Tokens = [""] },
        new EmulatorOptions { Port = 0, Tokens = ["a\r\nHost: b"] },
        new EmulatorOptions { Port = 0, Tokens = ["é"] },
        new EmulatorOptions { Port = 0, Tokens = ["same", "same"] },
        new EmulatorOptions { Port = 0, TotpSecret = "" },
        new EmulatorOptions { Port = 0, TotpSecret = "====" },
        new EmulatorOptions { Port = 0, TotpSecret = "JBSWY3DPEHPK3PX1" },
        new EmulatorOptions { Port = 0, RateLimit = 0 },
        new EmulatorOptions { Port = 0, Latency = TimeSpan.FromTicks(-1) },
        new EmulatorOptions { Port = 0, Latency = TimeSpan.MaxValue },
        new EmulatorOptions { Port = 0, Faults = [new() { Operation = "*" }] },
        new EmulatorOptions { Port = 0, Faults = [.. Enumerable.Repeat(new Fault { Operation = "*", Status = 500 }, 101)] },
    ];

    [Theory]
    [MemberData(nameof(InvalidOptions))]
    public async Task Invalid_options_are_rejected(EmulatorOptions options) =>
        await Assert.ThrowsAsync<ArgumentException>(() => MetalEmulator.StartAsync(options, cancellationToken: Stop));

    [Fact]
    public async Task Default_is_one_account_with_random_secrets()
    {
        await using MetalEmulator emulator = await MetalEmulator.StartAsync(new() { Port = 0 }, cancellationToken: Stop);

        Assert.Equal($"http://127.0.0.1:{emulator.Url.Port}/metal/v1", emulator.Url.ToString());
        EmulatedAccount account = Assert.Single(emulator.Accounts);
        Assert.Matches("^[A-Za-z0-9]{32}$", account.Token);
        Assert.Matches("^[A-Z2-7]{32}$", account.TotpSecret);
    }

    [Fact]
    public async Task Emulators_in_one_process_share_no_state()
    {
        await using TestEmulator first = await TestEmulator.StartAsync();
        await using TestEmulator second = await TestEmulator.StartAsync();

        await first.SendSmsAsync();

        await second.AssertTokenAsync(first.Account.Token, isValid: false);
        Assert.Empty(second.Account.SmsCodes);
        Assert.Empty(first.Account.RecoveryCodes.Intersect(second.Account.RecoveryCodes));
        Assert.NotEqual(first.Account.TotpSecret, second.Account.TotpSecret);
    }

    [Fact]
    public async Task Disposal_frees_the_port()
    {
        TestEmulator first = await TestEmulator.StartAsync();
        EmulatorOptions samePort = new() { Port = first.Emulator.Url.Port };
        await Assert.ThrowsAsync<IOException>(() => MetalEmulator.StartAsync(samePort, cancellationToken: Stop));
        await first.ListCodesAsync();

        await first.DisposeAsync();
        await first.DisposeAsync();

        await using MetalEmulator second = await MetalEmulator.StartAsync(samePort, cancellationToken: Stop);
        Assert.Equal(first.Emulator.Url, second.Url);
    }

    [Fact]
    public async Task Latency_delays_concurrent_requests_and_their_effect()
    {
        var time = new ObservedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Latency = TimeSpan.FromSeconds(2) }, time);

        Task<string>[] requests = [.. Enumerable.Range(0, 20).Select(_ => emulator.SendSmsAsync())];
        foreach (Task<string> _ in requests)
        {
            Assert.Equal(TimeSpan.FromSeconds(2), await time.NextTimerAsync());
        }

        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(emulator.Account.SmsCodes);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await Task.WhenAll(requests);
    }

    [Fact]
    public async Task Disposal_ends_current_requests()
    {
        var time = new ObservedTime();
        TestEmulator emulator = await TestEmulator.StartAsync(new() { Latency = TimeSpan.FromHours(1) }, time);
        Task<string> request = emulator.SendSmsAsync();
        await time.NextTimerAsync();

        await emulator.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop);

        await Assert.ThrowsAsync<HttpRequestException>(() => request);
        Assert.Empty(emulator.Account.SmsCodes);
    }
}
