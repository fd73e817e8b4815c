using System.Diagnostics;

namespace EquinixOtp.Tests;

/// <summary>Tests that run alone, because they measure the whole process.</summary>
[CollectionDefinition(DisableParallelization = true)]
public class Load;

/// <summary>The resources of the process.</summary>
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

    /// <summary>Asserts that no resource has grown by more than a fraction of what thousands of leaking calls would use.</summary>
    public void AssertIsNotAbove(Level before)
    {
        Assert.InRange(Memory - before.Memory, long.MinValue, 1024 * 1024);
        Assert.InRange(Handles - before.Handles, int.MinValue, 64);
        Assert.InRange(Threads - before.Threads, int.MinValue, 64);
    }
}
