using System.Diagnostics;
using EquinixOtp.Tests;

namespace EquinixOtp.Playground.Tests;

/// <summary>The built playground as a child process with redirected streams.</summary>
internal static class PlaygroundProcess
{
    /// <summary>The playground's assembly, built in the configuration of the tests.</summary>
    public static string Assembly { get; } = FindAssembly();

    public static Task<Result> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs the playground with environment variables.</summary>
    public static async Task<Result> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
        process.StandardInput.Close();
        return await ReadAsync(process);
    }

    /// <summary>Runs a script in the playground.</summary>
    public static async Task<Result> RunScriptAsync(string script, params string[] arguments)
    {
        using var file = new TemporaryScript(script);
        return await RunAsync([file.Path, .. arguments]);
    }

    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("EQUINIXOTP_MANIFEST");
        start.RemoveMSBuildVariables();

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Reads the output until the process exits.</summary>
    public static async Task<Result> ReadAsync(Process process)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(stop);
            string output = await process.StandardOutput.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return new(process.ExitCode, output.ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string FindAssembly()
    {
        DirectoryInfo own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(own.Parent!.Parent!.FullName, "EquinixOtp.Playground", own.Name, "EquinixOtp.Playground.dll");
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        public string All => Output + Error;
    }
}
