namespace EquinixOtp.Emulator.Tests;

public class LatencyTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_call_waits_and_then_takes_effect()
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Latency = TimeSpan.FromSeconds(2) }, time);

        Task<string> call = emulator.SendSmsAsync();
        Assert.Equal(TimeSpan.FromSeconds(2), await time.NextTimerAsync());
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(call.IsCompleted);
        Assert.Empty(emulator.Account.SmsCodes);

        time.Advance(TimeSpan.FromSeconds(0.1));
        await call.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Calls_wait_side_by_side()
    {
        var time = new WatchedTime();
        await using TestEmulator emulator = await TestEmulator.StartAsync(new() { Latency = TimeSpan.FromMilliseconds(1) }, time);

        Task<string[]>[] calls = [.. Enumerable.Range(0, 20).Select(_ => emulator.ListCodesAsync())];
        foreach (Task<string[]> _ in calls)
        {
            await time.NextTimerAsync();
        }

        time.Advance(TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(calls).WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_call_under_way_does_not_keep_the_emulator_from_stopping()
    {
        var time = new WatchedTime();
        TestEmulator emulator = await TestEmulator.StartAsync(new() { Latency = TimeSpan.FromHours(1) }, time);
        Task<string> call = emulator.SendSmsAsync();
        await time.NextTimerAsync();

        await emulator.DisposeAsync().AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Empty(emulator.Account.SmsCodes);
    }
}
