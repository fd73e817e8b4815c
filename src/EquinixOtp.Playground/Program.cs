using System.Diagnostics;
using System.Runtime.InteropServices;
using EquinixOtp.Emulator;

namespace EquinixOtp.Playground;

/// <summary>Starts an emulator of the API and a PowerShell that uses it.</summary>
internal static class Program
{
    private const int UsageExitCode = 2;

    // The exit code by which shells report SIGINT.
    private const int StoppedExitCode = 130;

    private const string Usage = """
        Runs PowerShell with EquinixOtp imported, against an emulator of the API.

        Usage: EquinixOtp.Playground [<script> [<argument>...] | -Interactive]

          <script>       The PowerShell script to run. Default: a tour of the module.
          -Interactive   Opens a prompt.
        """;

    // After Ctrl+C, the time for the finally blocks of a script.
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(5);

    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case []:
                return await RunAsync(["-NonInteractive", "-File", PathOf("Show-Tour.ps1")], showsSms: false).ConfigureAwait(false);
            case ["-h" or "-?" or "--help", ..]:
                Console.WriteLine(Usage);
                return 0;
            case [var option] when option.Equals("-Interactive", StringComparison.OrdinalIgnoreCase):
                return await RunAsync(["-NoExit", "-File", PathOf("Enter-Prompt.ps1")], interactive: true).ConfigureAwait(false);
            case [['-', ..] option, ..]:
                Console.Error.WriteLine($"Invalid arguments: {string.Join(' ', args)}\n\n{Usage}");
                return UsageExitCode;
            case [var script, ..] when !File.Exists(script):
                return Fail($"The script {Path.GetFullPath(script)} does not exist.");
            default:
                return await RunAsync(["-File", .. args]).ConfigureAwait(false);
        }
    }

    private static async Task<int> RunAsync(string[] pwshArguments, bool interactive = false, bool showsSms = true)
    {
        if (ModuleFolder.Find(out string problem) is not { } module)
        {
            return Fail(problem);
        }

        using var stop = new CancellationTokenSource();
        bool stopped = false;
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            // The terminal also sends Ctrl+C to PowerShell. At a prompt it stops a command but not the playground.
            context.Cancel = true;
            if (!interactive)
            {
                stopped = true;
                stop.CancelAfter(s_stopTimeout);
            }
        });
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stopped = true;
            stop.Cancel();
        });

        MetalEmulator emulator = await MetalEmulator.StartAsync(new() { Port = 0 }).ConfigureAwait(false);
        await using (emulator.ConfigureAwait(false))
        {
            using var session = new Session(emulator, module, showsSms);
            using Process pwsh = Process.Start(session.CreateStartInfo(pwshArguments))!;
            try
            {
                await pwsh.WaitForExitAsync(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                pwsh.Kill(entireProcessTree: true);
                await pwsh.WaitForExitAsync().ConfigureAwait(false);
            }

            return stopped ? StoppedExitCode : pwsh.ExitCode;
        }
    }

    private static string PathOf(string script) => Path.Combine(AppContext.BaseDirectory, script);

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
