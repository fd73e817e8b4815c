using System.Collections;
using System.Globalization;

namespace EquinixOtp.Tests;

/// <summary>The places where calls can leave secrets, such as streams, <c>$Error</c>, telemetry and command lines.</summary>
internal static class Residue
{
    /// <param name="shell">The shell that made the calls.</param>
    /// <param name="outcomes">The outcomes of the calls.</param>
    /// <param name="transcript">The transcript of the calls, or null.</param>
    /// <param name="codes">The TOTP codes that were sent.</param>
    public static void AssertContainsNoSecret(
        Shell shell, IReadOnlyCollection<Outcome> outcomes, string? transcript = null, params IEnumerable<string> codes)
    {
        var hunt = new SecretHunt(codes);
        var errors = Assert.IsType<ArrayList>(shell["Error"]);
        Assert.Empty(hunt.Find(errors));
        Assert.InRange(hunt.Count, errors.Count * 10, 500_000);
        IEnumerable<Exception> exceptions = errors.Cast<object>().Select(error => error as Exception ?? ((ErrorRecord)error).Exception);
        Assert.DoesNotContain(exceptions.Select(exception => exception.ToString()), hunt.IsIn);
        Assert.All(
            outcomes,
            outcome => Assert.Empty(hunt.Find(outcome.Verbose, outcome.Debug, outcome.Others, outcome.Progress, outcome.Errors)));
        Assert.Empty(hunt.Find(shell.Host.Text, transcript));

        Assert.Empty(Telemetry.Leaks);
        Assert.DoesNotContain(Environment.GetEnvironmentVariables().Values.Cast<string>(), hunt.IsIn);
        Assert.DoesNotContain(CommandLines(), hunt.IsIn);
    }

    /// <summary>The command lines of this process and its children.</summary>
    private static IEnumerable<string> CommandLines()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [Environment.CommandLine];
        }

        string self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return Directory.GetDirectories("/proc")
            .Where(folder => Path.GetFileName(folder) == self
                || Read(folder, "status").Contains($"\nPPid:\t{self}\n", StringComparison.Ordinal))
            .Select(folder => Read(folder, "cmdline"));

        static string Read(string folder, string file)
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, file));
            }
            catch (IOException)
            {
                // Not a process, or it has ended.
                return string.Empty;
            }
        }
    }
}
