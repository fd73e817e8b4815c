namespace EquinixOtp.Tests;

internal static class Condition
{
    /// <summary>Far above what anything here needs: what takes this long hangs.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for what another thread brings about.</summary>
    public static async Task IsTrueAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
