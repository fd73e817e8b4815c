using EquinixOtp.Tests;
using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;

namespace EquinixOtp.Pester;

/// <summary>Reports each Pester test of <c>tests/Pester</c> as a test of the platform. Each file runs in a PowerShell of its own.</summary>
/// <param name="pattern">Selects files by their names.</param>
internal sealed class PesterFramework(string pattern) : ITestFramework, IDataProducer
{
    public string Uid => nameof(PesterFramework);
    public string Version => "1.0.0";
    public string DisplayName => "Pester";
    public string Description => "Runs Pester files in a PowerShell that NuGet provides.";
    public Type[] DataTypesProduced { get; } = [typeof(TestNodeUpdateMessage)];

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult { IsSuccess = true });

    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        var request = (TestExecutionRequest)context.Request;
        bool discoverOnly = request is DiscoverTestExecutionRequest;

        // The largest first, so that none of them starts last.
        IEnumerable<FileInfo> files = new DirectoryInfo(Path.Combine(CheckoutRoot.Path, "tests", "Pester"))
            .EnumerateFiles($"{pattern}.Tests.ps1")
            .OrderByDescending(file => file.Length);
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = context.CancellationToken,
        };
        await Parallel.ForEachAsync(files, options, async (file, cancellationToken) =>
        {
            foreach (TestNode node in await PesterFile.RunAsync(file, discoverOnly, cancellationToken))
            {
                await context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(request.Session.SessionUid, node));
            }
        });
        context.Complete();
    }
}
