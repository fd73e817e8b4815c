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
    // At first, beside the mirroring tests.
    private const int FastTests = 24;

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = 4 };
    private readonly ConcurrentBag<TestProcess> _idle = [];
    private readonly ConcurrentDictionary<int, ConcurrentBag<int>> _reaching = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<int>> _killers = [];
    private string[] _tests = [];
    private TimeSpan[] _durations = [];

    /// <summary>Runs each test alone, without a mutant.</summary>
    public async Task MeasureAsync()
    {
        var first = new TestProcess(arguments);
        await first.StartAsync();
        _tests = first.Tests;
        _durations = new TimeSpan[_tests.Length];
        Array.Fill(_durations, TimeSpan.FromMinutes(5));
        _idle.Add(first);
        IEnumerable<int> used = Enumerable.Range(0, _tests.Length)
            .Where(test => !excluded.Any(name => _tests[test].Contains(name, StringComparison.Ordinal)));
        await ForEachAsync(used, async (process, test) =>
        {
            long start = Stopwatch.GetTimestamp();
            if (await RunAsync(process, 0, test) is not { FailedTest: -1 } outcome)
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

    /// <summary>Runs tests that reach each mutant.</summary>
    /// <param name="mutants">The mutants.</param>
    /// <param name="again">
    /// Whether to run all these tests in a new process, in which no static field holds what was created before the mutant. Otherwise,
    /// a row of each of the fast ones runs.
    /// </param>
    /// <param name="report">Is told of each mutant, its state and the test that fails.</param>
    public Task TestAsync(IEnumerable<Mutant> mutants, bool again, Action<Mutant, MutantState, string?> report) =>
        ForEachAsync(mutants, async (process, mutant) =>
        {
            if (again)
            {
                await process.StopAsync();
            }

            (MutantState state, int test) = await TestAsync(process, mutant, again);
            if (again)
            {
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

    private Task ForEachAsync<T>(IEnumerable<T> items, Func<TestProcess, T, Task> run) =>
        Parallel.ForEachAsync(items, _parallel, async (item, _) =>
        {
            TestProcess process = _idle.TryTake(out TestProcess? idle) ? idle : new TestProcess(arguments);
            await run(process, item);
            _idle.Add(process);
        });

    // First the tests that mirror the mutant's file or killed another mutant of it, then a row of each other test, the fast ones first.
    private async Task<(MutantState State, int Test)> TestAsync(TestProcess process, Mutant mutant, bool all)
    {
        string mirror = "." + Path.GetFileNameWithoutExtension(mutant.File) + "Tests.";
        int[] reaching = [.. _reaching.GetValueOrDefault(mutant.Id, [])];
        ConcurrentBag<int> killers = _killers.GetOrAdd(mutant.File, _ => []);
        bool IsLikely(int test) => _tests[test].Contains(mirror, StringComparison.Ordinal) || killers.Contains(test);
        IEnumerable<int> others = reaching
            .Where(test => !IsLikely(test))
            .GroupBy(test => _tests[test])
            .SelectMany(rows => rows.OrderBy(row => _durations[row]).Select((row, i) => (Test: row, Rank: i)))
            .OrderBy(row => row.Rank)
            .ThenBy(row => _durations[row.Test])
            .Select(row => row.Test);
        List<int> tests = [.. reaching.Where(IsLikely).OrderBy(test => _durations[test]), .. all ? others : others.Take(FastTests)];
        if (tests.Count == 0)
        {
            return (MutantState.NotReached, -1);
        }

        for (int batch = 8; tests.Count > 0;)
        {
            int[] next = [.. tests.Take(batch)];
            if ((await RunAsync(process, mutant.Id, next) ?? await RunAsync(process, mutant.Id, next)) is not { FailedTest: var failed })
            {
                return (MutantState.Timeout, -1);
            }

            if (failed < 0)
            {
                tests.RemoveRange(0, next.Length);
                batch *= 4;
            }
            else if (await IsKilledAsync(process, mutant.Id, failed, inNewProcesses: false)
                || await IsKilledAsync(process, mutant.Id, failed, inNewProcesses: true))
            {
                killers.Add(failed);
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

    // New processes if a static field holds what the mutant created, and the test fails without the mutant, too.
    private async Task<bool> IsKilledAsync(TestProcess process, int mutant, int test, bool inNewProcesses)
    {
        foreach (int id in new[] { 0, mutant })
        {
            if (inNewProcesses)
            {
                await process.StopAsync();
            }

            bool passes = await RunAsync(process, id, test) is { FailedTest: -1 };
            if (passes != (id == 0))
            {
                return false;
            }
        }

        return true;
    }

    private Task<Outcome?> RunAsync(TestProcess process, int mutant, params int[] tests) =>
        process.RunAsync(mutant, tests, new TimeSpan(tests.Sum(test => _durations[test].Ticks)));
}
