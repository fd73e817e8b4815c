using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

internal static class Condition
{
    /// <summary>
    /// Far above what anything here needs: what takes this long hangs. Below the minute after which .NET closes a connection that
    /// nobody uses.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    /// <summary>Waits for what another thread brings about.</summary>
    public static async Task IsTrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Limit, $"Not true in time: {text}");
            await Task.Delay(1, CancellationToken.None);
        }
    }
}
