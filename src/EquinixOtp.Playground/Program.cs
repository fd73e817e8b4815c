using System.CommandLine;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using EquinixOtp.Emulator;

namespace EquinixOtp.Playground;

internal static class Program
{
    private const int UsageExitCode = 2;
    private const string ManifestName = "EquinixOtp.psd1";
    private const string ManifestVariable = "EQUINIXOTP_MANIFEST";

    private static readonly Argument<string?> s_script = new("script")
    {
        Description = "A PowerShell script to run, with the environment set to the emulator. The tour when left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static async Task<int> Main(string[] args)
    {
        s_script.Validators.Add(script =>
        {
            if (script.Tokens is [{ Value: ['-', ..] option }])
            {
                script.AddError($"There is no option {option}.");
            }
        });
        RootCommand command = new("Runs a script in a PowerShell engine with EquinixOtp imported, against an emulator of the API.")
        {
            s_script,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(s_script), cancellationToken));
        ParseResult result = command.Parse(args);
        int exitCode = await result.InvokeAsync().ConfigureAwait(false);
        return result.Errors.Count > 0 ? UsageExitCode : exitCode;
    }

    private static async Task<int> RunAsync(string? path, CancellationToken cancellationToken)
    {
        if (FindManifest() is not { } manifest)
        {
            return Fail($"No folder above the playground has {ManifestName} with its bin folder. Build the module: dotnet build.");
        }

        if (!File.Exists(manifest))
        {
            return Fail($"There is no manifest {manifest}, which {ManifestVariable} names.");
        }

        string script = Path.GetFullPath(path ?? Path.Combine(AppContext.BaseDirectory, "tour.ps1"));
        if (!File.Exists(script))
        {
            return Fail($"There is no script {script}.");
        }

        MetalEmulator emulator = await MetalEmulator.StartAsync(new() { Port = 0 }, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using (emulator.ConfigureAwait(false))
        {
            // Nothing leaves this machine: by default, the engine reports to its makers which modules it imports.
            Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
            Environment.SetEnvironmentVariable("METAL_API_URL", emulator.Url.AbsoluteUri);
            Environment.SetEnvironmentVariable("METAL_AUTH_TOKEN", emulator.Accounts[0].Token);
            var host = new PlaygroundHost();
            using Runspace runspace = OpenRunspace(host, manifest, emulator);
            return await new ScriptRunner(runspace, host).RunAsync(script, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string? FindManifest()
    {
        if (Environment.GetEnvironmentVariable(ManifestVariable) is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string manifest = Path.Combine(folder.FullName, ManifestName);
            if (File.Exists(manifest) && File.Exists(Path.Combine(folder.FullName, "bin", "EquinixOtp.dll")))
            {
                return manifest;
            }
        }

        return null;
    }

    private static Runspace OpenRunspace(PlaygroundHost host, string manifest, MetalEmulator emulator)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // The default, Restricted, would refuse the module's views.
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }

        state.Variables.Add(new SessionStateVariableEntry("Emulator", new EmulatorVariable(emulator), description: null));
        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        using var import = PowerShell.Create(runspace);
        import.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
        return runspace;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
