using System.Globalization;
using System.IO.Pipes;
using System.Reflection;
using System.Text.Json;
using Xunit;
using Xunit.Runner.Common;
using Xunit.Sdk;
using Xunit.v3;

/// <summary>Runs in the process of a test project before its entry point.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        EquinixOtp.Mutation.TestHost.RunAsync().GetAwaiter().GetResult();
        Environment.Exit(0);
    }
}

namespace EquinixOtp.Mutation
{
    /// <summary>A request to the host: run the tests with these numbers with a mutant, until one fails.</summary>
    internal sealed record Order(int Mutant, int[] Tests);

    /// <summary>The response: the number of the first test that failed, or -1, and the mutants that were reached.</summary>
    internal sealed record Outcome(int FailedTest, int[] Reached);

    /// <summary>The tests of a test project, in a process that lives for many mutants.</summary>
    internal static class TestHost
    {
        private static readonly int[] s_state = new int[100000];
        private static readonly string s_hits = Path.GetTempFileName();

        public static async Task RunAsync()
        {
            AppDomain.CurrentDomain.SetData("MUTANTS", s_state);
            Environment.SetEnvironmentVariable("MUTANT_HITS", s_hits);
            using var pipe = new NamedPipeClientStream(".", Environment.GetEnvironmentVariable("MUTATION_PIPE")!, PipeDirection.InOut);
            await pipe.ConnectAsync();
            using var reader = new StreamReader(pipe);
            using var writer = new StreamWriter(pipe) { AutoFlush = true };
            Console.SetOut(TextWriter.Null);
            Console.SetError(TextWriter.Null);

            var assembly = Assembly.Load(AppDomain.CurrentDomain.FriendlyName);
            ITestFramework framework = RegisteredEngineConfig.GetTestFramework(assembly, null);
            TestContext.SetForInitialization(null, false, false);
            var configuration = new TestAssemblyConfiguration { PreEnumerateTheories = true, StopOnFail = true };
            List<ITestCase> cases = [];
            ITestFrameworkDiscoveryOptions discovery = TestFrameworkOptions.ForDiscovery(configuration);
            await framework.GetDiscoverer(assembly).Find(
                test =>
                {
                    cases.Add(test);
                    return new(true);
                },
                discovery);
            await writer.WriteLineAsync(JsonSerializer.Serialize(cases.Select(test => $"{test.TestClassName}.{test.TestMethodName}")));
            while (await reader.ReadLineAsync() is { } line)
            {
                Order order = JsonSerializer.Deserialize<Order>(line)!;
                Array.Clear(s_state);
                s_state[0] = order.Mutant;
                Environment.SetEnvironmentVariable("MUTANT", order.Mutant.ToString(CultureInfo.InvariantCulture));
                var sink = new FailureSink();
                ITestFrameworkExecutionOptions options = TestFrameworkOptions.ForExecution(configuration);
                await framework.GetExecutor(assembly).RunTestCases([.. order.Tests.Select(test => cases[test])], sink, options);
                int failed = sink.FailedCase is null ? -1 : cases.FindIndex(test => test.UniqueID == sink.FailedCase);
                IEnumerable<int> reached = Enumerable.Range(1, s_state.Length - 1).Where(mutant => s_state[mutant] == 1);
                string[] hits = await File.ReadAllLinesAsync(s_hits);
                await File.WriteAllTextAsync(s_hits, string.Empty);
                await writer.WriteLineAsync(JsonSerializer.Serialize(
                    new Outcome(failed, [.. reached.Union(hits.Select(hit => int.Parse(hit, CultureInfo.InvariantCulture)))])));
            }
        }

        private sealed class FailureSink : IMessageSink
        {
            public string? FailedCase { get; private set; }

            public bool OnMessage(IMessageSinkMessage message)
            {
                FailedCase ??= (message as ITestFailed)?.TestCaseUniqueID;
                return FailedCase is null;
            }
        }
    }
}
