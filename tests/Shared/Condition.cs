using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

internal static class Condition
{
    /// <summary>
    /// The limit of a wait: far above any normal duration, and below the minute after which .NET closes an idle connection.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    /// <summary>Waits until another thread makes a condition true.</summary>
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
