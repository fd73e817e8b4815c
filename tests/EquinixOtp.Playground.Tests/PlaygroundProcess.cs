using System.Diagnostics;

namespace EquinixOtp.Playground.Tests;

/// <summary>The built playground, run as a child process with its output in pipes.</summary>
internal static class PlaygroundProcess
{
    public static Task<Result> RunAsync(params string[] arguments) => RunWithAsync(string.Empty, arguments);

    /// <summary>Runs it with a module of another manifest than the checkout's.</summary>
    public static async Task<Result> RunWithAsync(string manifest, params string[] arguments)
    {
        using Process process = StartWith(manifest, arguments);
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new(process.ExitCode, output.ReplaceLineEndings("\n"), await error);
        }
        finally
        {
            process.Kill();
        }
    }

    public static async Task<Result> RunScriptAsync(string script)
    {
        string path = await WriteScriptAsync(script);
        try
        {
            return await RunAsync(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static async Task<string> WriteScriptAsync(string script)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.ps1");
        await File.WriteAllTextAsync(path, script, TestContext.Current.CancellationToken);
        return path;
    }

    public static Process Start(params string[] arguments) => StartWith(string.Empty, arguments);

    private static Process StartWith(string manifest, string[] arguments)
    {
        // artifacts/bin/<project>/<configuration>/: the playground is built in the tests' own configuration.
        DirectoryInfo own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string assembly = Path.Combine(own.Parent!.Parent!.FullName, "EquinixOtp.Playground", own.Name, "EquinixOtp.Playground.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment["EQUINIXOTP_MANIFEST"] = manifest;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    internal sealed record Result(int ExitCode, string Output, string Error);
}
