using System.Collections;
using System.Globalization;

namespace EquinixOtp.Tests;

/// <summary>What calls leave behind: streams, the host's text, <c>$Error</c> and all that hangs on it, and what the process shows of itself.</summary>
internal static class Residue
{
    /// <param name="shell">Where the calls were made.</param>
    /// <param name="outcomes">What came of them.</param>
    /// <param name="transcript">The transcript of them, if there is one.</param>
    /// <param name="codes">The TOTP codes that were sent.</param>
    public static void AssertHoldsNoSecret(Shell shell, IReadOnlyCollection<Outcome> outcomes, string? transcript = null, params IEnumerable<string> codes)
    {
        var hunt = new SecretHunt(codes);
        var errors = Assert.IsType<ArrayList>(shell["Error"]);
        Assert.Empty(hunt.Find(errors));
        Assert.InRange(hunt.Count, errors.Count * 10, 500_000);
        Assert.DoesNotContain(errors.Cast<object>().Select(error => (error as Exception ?? ((ErrorRecord)error).Exception).ToString()), hunt.IsIn);
        Assert.All(outcomes, outcome => Assert.Empty(hunt.Find(outcome.Verbose, outcome.Debug, outcome.Others, outcome.Progress, outcome.Errors)));
        Assert.Empty(hunt.Find(shell.Host.Text, transcript));

        Assert.Empty(Telemetry.Leaks);
        Assert.DoesNotContain(Environment.GetEnvironmentVariables().Values.Cast<string>(), hunt.IsIn);
        Assert.DoesNotContain(CommandLines(), hunt.IsIn);
    }

    /// <summary>The arguments of this process and of those that it has started.</summary>
    private static IEnumerable<string> CommandLines()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [Environment.CommandLine];
        }

        string self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return Directory.GetDirectories("/proc")
            .Where(folder => Path.GetFileName(folder) == self || Read(folder, "status").Contains($"\nPPid:\t{self}\n", StringComparison.Ordinal))
            .Select(folder => Read(folder, "cmdline"));

        static string Read(string folder, string file)
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, file));
            }
            catch (IOException)
            {
                // No process, or ended.
                return string.Empty;
            }
        }
    }
}
