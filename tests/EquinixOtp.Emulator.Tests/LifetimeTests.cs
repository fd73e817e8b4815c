using System.Net;
using System.Net.NetworkInformation;

namespace EquinixOtp.Emulator.Tests;

public class LifetimeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_URL_is_the_documented_one_on_a_free_port()
    {
        await using MetalEmulator emulator = await MetalEmulator.StartAsync(new() { Port = 0 }, cancellationToken: Stop);

        Assert.Equal($"http://127.0.0.1:{emulator.Url.Port}/metal/v1", emulator.Url.ToString());
        EmulatedAccount account = Assert.Single(emulator.Accounts);
        Assert.Matches("^[A-Za-z0-9]{32}$", account.Token);
        Assert.Equal(1, account.Number);
    }

    [Fact]
    public void The_defaults_are_the_documented_ones()
    {
        var options = new EmulatorOptions();

        Assert.Equal(8180, options.Port);
        Assert.Empty(options.Tokens);
        Assert.Null(options.TotpSecret);
        Assert.False(options.SessionTokens);
        Assert.Null(options.RateLimit);
        Assert.Equal(TimeSpan.Zero, options.Latency);
    }

    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        await using TestEmulator emulator = await TestEmulator.StartAsync();
        int port = emulator.Emulator.Url.Port;

        IPEndPoint[] listeners = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(at => at.Port == port)];

        Assert.Equal(IPAddress.Loopback, Assert.Single(listeners).Address);
    }

    [Fact]
    public async Task Emulators_side_by_side_share_nothing()
    {
        TestEmulator[] emulators = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TestEmulator.StartAsync()));
        try
        {
            Assert.Equal(8, emulators.Select(emulator => emulator.Emulator.Url).Distinct().Count());
            string code = await emulators[0].SendSmsAsync();
            string[] codes = await emulators[0].ListCodesAsync();
            foreach (TestEmulator other in emulators[1..])
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await other.VerifyAsync(code, emulators[0].Account.Token)).Status);
                Assert.Empty(other.Account.SmsCodes);
                Assert.Empty(codes.Intersect(await other.ListCodesAsync()));
            }
        }
        finally
        {
            foreach (TestEmulator emulator in emulators)
            {
                await emulator.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task After_disposal_the_port_is_free_again()
    {
        TestEmulator first = await TestEmulator.StartAsync();
        await first.AssertServesAsync();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(first.ListCodesAsync);

        await using MetalEmulator second = await MetalEmulator.StartAsync(new() { Port = first.Emulator.Url.Port }, cancellationToken: Stop);

        Assert.Equal(first.Emulator.Url, second.Url);
    }

    [Fact]
    public async Task Disposing_twice_is_harmless()
    {
        TestEmulator emulator = await TestEmulator.StartAsync(new() { RateLimit = 1 });

        await emulator.DisposeAsync();
        await emulator.DisposeAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_an_IOException()
    {
        await using TestEmulator first = await TestEmulator.StartAsync();

        await Assert.ThrowsAsync<IOException>(() =>
            MetalEmulator.StartAsync(new() { Port = first.Emulator.Url.Port }, cancellationToken: Stop));
        await first.AssertServesAsync();
    }

    public static TheoryData<EmulatorOptions> UnusableOptions =>
    [
        new EmulatorOptions { Port = -1 },
        new EmulatorOptions { Port = 65536 },
        new EmulatorOptions { Port = 0, Tokens = [""] },
        new EmulatorOptions { Port = 0, Tokens = ["a b"] },
        new EmulatorOptions { Port = 0, Tokens = ["a\r\nHost: b"] },
        new EmulatorOptions { Port = 0, Tokens = ["é"] },
        new EmulatorOptions { Port = 0, Tokens = ["same", "same"] },
        new EmulatorOptions { Port = 0, TotpSecret = "" },
        new EmulatorOptions { Port = 0, TotpSecret = "====" },
        new EmulatorOptions { Port = 0, TotpSecret = "A" },
        new EmulatorOptions { Port = 0, TotpSecret = "JBSWY3DPEHPK3PX1" },
        new EmulatorOptions { Port = 0, TotpSecret = "JBSW Y3DP" },
        new EmulatorOptions { Port = 0, RateLimit = 0 },
        new EmulatorOptions { Port = 0, RateLimit = -1 },
        new EmulatorOptions { Port = 0, Latency = TimeSpan.FromTicks(-1) },
        new EmulatorOptions { Port = 0, Latency = TimeSpan.MaxValue },
    ];

    [Theory]
    [MemberData(nameof(UnusableOptions))]
    public async Task Unusable_options_are_refused(EmulatorOptions options) =>
        await Assert.ThrowsAsync<ArgumentException>(() => MetalEmulator.StartAsync(options, cancellationToken: Stop));

    [Fact]
    public async Task No_options_are_refused() =>
        await Assert.ThrowsAsync<ArgumentNullException>(() => MetalEmulator.StartAsync(null!, cancellationToken: Stop));
}
