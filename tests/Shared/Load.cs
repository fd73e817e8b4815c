using System.Diagnostics;

namespace EquinixOtp.Tests;

/// <summary>Run alone, since they look at what the whole process holds.</summary>
[CollectionDefinition(DisableParallelization = true)]
public class Load;

/// <summary>What the process holds.</summary>
internal sealed record Level(long Memory, int Handles, int Threads)
{
    public static Level Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return new(memory, process.HandleCount, process.Threads.Count);
    }

    /// <summary>Asserts that it hasn't risen by more than a machine's moods, which thousands of calls would exceed.</summary>
    public void AssertIsNotAbove(Level before)
    {
        Assert.InRange(Memory - before.Memory, long.MinValue, 1024 * 1024);
        Assert.InRange(Handles - before.Handles, int.MinValue, 64);
        Assert.InRange(Threads - before.Threads, int.MinValue, 64);
    }
}
