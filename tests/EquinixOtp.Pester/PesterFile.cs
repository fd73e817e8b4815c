using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using EquinixOtp.Tests;
using Microsoft.Testing.Platform.Extensions.Messages;

namespace EquinixOtp.Pester;

/// <summary>Runs a Pester file and converts its report to test nodes.</summary>
internal static class PesterFile
{
    private const int LinesOfOutput = 40;

    public static async Task<IReadOnlyList<TestNode>> RunAsync(FileInfo file, bool discoverOnly, CancellationToken cancellationToken)
    {
        string report = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = await RunPwshAsync(file, discoverOnly, report, cancellationToken);
            List<TestNode> nodes = [];
            await foreach (string line in File.ReadLinesAsync(report, cancellationToken))
            {
                nodes.Add(CreateNode(file, JsonSerializer.Deserialize<ReportedTest>(line, JsonSerializerOptions.Web)!, nodes.Count));
            }

            if (exitCode != 0 || nodes.Count == 0)
            {
                string tail = string.Join('\n', output.Split('\n').TakeLast(LinesOfOutput));
                string problem = exitCode != 0 ? $"PowerShell ended with exit code {exitCode}." : "The file has no tests.";
                nodes.Add(CreateNode(file, new([file.Name, "the file itself"], 1, "Failed", 0, $"{problem}\n{tail}"), nodes.Count));
            }

            return nodes;
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunPwshAsync(
        FileInfo file, bool discoverOnly, string report, CancellationToken cancellationToken)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Report.ps1");
        string[] mode = discoverOnly ? ["-DiscoverOnly"] : [];
        var start = new ProcessStartInfo(
            "dotnet",
            [
                MetadataOf("Pwsh"), "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass",
                "-File", script, "-Pester", MetadataOf("Pester"), "-Path", file.FullName, "-Report", report, .. mode,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string package = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "package"), "*.nupkg").Single();
        start.Environment.TryAdd("EQUINIXOTP_PACKAGE", package);
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.RemoveMSBuildVariables();

        using Process pwsh = Process.Start(start)!;
        pwsh.StandardInput.Close();
        try
        {
            Task<string> error = pwsh.StandardError.ReadToEndAsync(cancellationToken);
            string output = await pwsh.StandardOutput.ReadToEndAsync(cancellationToken);
            await pwsh.WaitForExitAsync(cancellationToken);
            return (pwsh.ExitCode, output + await error);
        }
        finally
        {
            pwsh.Kill(entireProcessTree: true);
        }
    }

    private static TestNode CreateNode(FileInfo file, ReportedTest test, int number)
    {
        LinePosition line = new(test.Line, 0);
        DateTimeOffset end = DateTimeOffset.Now;
        var duration = TimeSpan.FromMilliseconds(test.Milliseconds);
        TestNodeStateProperty state = test.Result switch
        {
            "Passed" => PassedTestNodeStateProperty.CachedInstance,
            "Skipped" => new SkippedTestNodeStateProperty(test.Message),
            "Discovered" => DiscoveredTestNodeStateProperty.CachedInstance,
            _ => new FailedTestNodeStateProperty($"{test.Message}\n{file.FullName}:{test.Line}"),
        };
        return new()
        {
            // Tests of a -ForEach may have the same name.
            Uid = $"{file.Name}#{number}",
            DisplayName = string.Join(" > ", test.Path),
            Properties = new PropertyBag(
                state,
                new TestFileLocationProperty(file.FullName, new(line, line)),
                new TimingProperty(new(end - duration, end, duration))),
        };
    }

    private static string MetadataOf(string key) => typeof(PesterFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;

    /// <summary>A line of the report.</summary>
    /// <param name="Path">The names of the blocks, and of the test.</param>
    /// <param name="Line">The line of the file, from 1.</param>
    /// <param name="Result">Passed, Skipped, Discovered or a failure.</param>
    /// <param name="Milliseconds">The duration.</param>
    /// <param name="Message">The reason of a failure or a skip.</param>
    private sealed record ReportedTest(string[] Path, int Line, string Result, double Milliseconds, string Message);
}
