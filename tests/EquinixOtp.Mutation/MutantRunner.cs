using System.Collections.Concurrent;
using System.Diagnostics;

namespace EquinixOtp.Mutation;

/// <summary>The result of the tests for a mutant.</summary>
internal enum MutantState
{
    /// <summary>A test fails with the mutant, twice, and passes without it.</summary>
    Killed,

    /// <summary>The tests do not end, or end the process.</summary>
    Timeout,

    /// <summary>All tests that reach the mutant pass.</summary>
    Survived,

    /// <summary>No test reaches the mutant.</summary>
    NotReached,
}

/// <summary>Finds the tests that reach a mutant, and one that kills it.</summary>
/// <param name="arguments">The arguments of <c>dotnet</c> that start the tests' process.</param>
/// <param name="excluded">Parts of the names of tests to leave out.</param>
internal sealed class MutantRunner(string[] arguments, string[] excluded) : IAsyncDisposable
{
    // Of a theory elsewhere than in the mirroring tests, at first.
    private const int MaxRows = 4;

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = 8 };
    private readonly ConcurrentBag<TestProcess> _idle = [];
    private readonly ConcurrentDictionary<int, ConcurrentBag<int>> _reaching = [];
    private string[] _tests = [];
    private TimeSpan[] _durations = [];

    /// <summary>Runs each test alone, without a mutant.</summary>
    public async Task MeasureAsync()
    {
        var first = new TestProcess(arguments);
        await first.StartAsync();
        _tests = first.Tests;
        _durations = new TimeSpan[_tests.Length];
        _idle.Add(first);
        IEnumerable<int> used = Enumerable.Range(0, _tests.Length)
            .Where(test => !excluded.Any(name => _tests[test].Contains(name, StringComparison.Ordinal)));
        await ForEachAsync(used, async (process, test) =>
        {
            long start = Stopwatch.GetTimestamp();
            if (await process.RunAsync(0, test) is not { FailedTest: -1 } outcome)
            {
                Console.WriteLine($"Not used, because it fails without a mutant: {_tests[test]}");
                return;
            }

            _durations[test] = Stopwatch.GetElapsedTime(start);
            foreach (int mutant in outcome.Reached)
            {
                _reaching.GetOrAdd(mutant, _ => []).Add(test);
            }
        });
    }

    /// <summary>Runs the tests that reach each mutant.</summary>
    /// <param name="mutants">The mutants.</param>
    /// <param name="report">Is told of each mutant, its state and the test that fails.</param>
    public Task TestAsync(IEnumerable<Mutant> mutants, Action<Mutant, MutantState, string?> report) =>
        ForEachAsync(mutants, async (process, mutant) =>
        {
            (MutantState state, int test) = await TestAsync(process, mutant, MaxRows);
            if (state == MutantState.Survived)
            {
                // Again with all rows, and in a new process: a static field may hold what was created before the mutant.
                await process.StopAsync();
                (state, test) = await TestAsync(process, mutant, int.MaxValue);
                await process.StopAsync();
            }

            report(mutant, state, test < 0 ? null : _tests[test]);
        });

    public async ValueTask DisposeAsync()
    {
        foreach (TestProcess process in _idle)
        {
            await process.DisposeAsync();
        }
    }

    private Task ForEachAsync<T>(IEnumerable<T> items, Func<TestProcess, T, Task> run) => Parallel.ForEachAsync(items, _parallel, async (item, _) =>
    {
        TestProcess process = _idle.TryTake(out TestProcess? idle) ? idle : new TestProcess(arguments);
        await run(process, item);
        _idle.Add(process);
    });

    // The tests that mirror the mutant's file come first, then a row of each other test, the fast ones first.
    private async Task<(MutantState State, int Test)> TestAsync(TestProcess process, Mutant mutant, int maxRows)
    {
        string mirror = "." + Path.GetFileNameWithoutExtension(mutant.File) + "Tests.";
        List<int> tests = [.. _reaching.GetValueOrDefault(mutant.Id, [])
            .GroupBy(test => _tests[test])
            .SelectMany(rows => rows
                .OrderBy(row => _durations[row])
                .Take(rows.Key.Contains(mirror, StringComparison.Ordinal) ? int.MaxValue : maxRows)
                .Select((row, i) => (Test: row, Rank: i)))
            .OrderByDescending(row => _tests[row.Test].Contains(mirror, StringComparison.Ordinal))
            .ThenBy(row => row.Rank)
            .ThenBy(row => _durations[row.Test])
            .Select(row => row.Test)];
        if (tests.Count == 0)
        {
            return (MutantState.NotReached, -1);
        }

        for (int batch = 8; tests.Count > 0;)
        {
            int[] next = [.. tests.Take(batch)];
            if (await process.RunAsync(mutant.Id, next) is not { FailedTest: var failed })
            {
                return (MutantState.Timeout, -1);
            }

            if (failed < 0)
            {
                tests.RemoveRange(0, next.Length);
                batch *= 4;
            }
            else if (await process.RunAsync(0, failed) is { FailedTest: -1 } && await process.RunAsync(mutant.Id, failed) is not { FailedTest: -1 })
            {
                return (MutantState.Killed, failed);
            }
            else
            {
                // Not this mutant's doing: the machine's, or an earlier mutant's.
                await process.StopAsync();
                tests.Remove(failed);
            }
        }

        return (MutantState.Survived, -1);
    }
}
