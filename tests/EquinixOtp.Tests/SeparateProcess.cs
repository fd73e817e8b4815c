using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

/// <summary>
/// Runs a test in a new process. Loaded assemblies and hooked events last as long as a process, and would affect every other test.
/// </summary>
internal static class SeparateProcess
{
    private const string Folder = "EQUINIXOTP_TESTS_SEPARATE_FOLDER";

    /// <summary>Starts a process that runs only the calling test, and in that process runs the test's body with an empty folder.</summary>
    public static async Task RunAsync(Func<string, Task> body, [CallerMemberName] string test = "")
    {
        if (Environment.GetEnvironmentVariable(Folder) is { } folder)
        {
            await body(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "done"), string.Empty, TestContext.Current.CancellationToken);
            return;
        }

        string temporary = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            {
                start.ArgumentList.Add(typeof(SeparateProcess).Assembly.Location);
            }

            start.ArgumentList.Add("-method");
            start.ArgumentList.Add($"*.{test}");
            start.Environment[Folder] = temporary;
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(process.ExitCode == 0, output + await errors);
            Assert.True(File.Exists(Path.Combine(temporary, "done")), output);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }
}
