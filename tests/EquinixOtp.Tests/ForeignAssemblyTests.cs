using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;

namespace EquinixOtp.Tests;

/// <summary>Another module has brought its own Flurl first.</summary>
public class ForeignAssemblyTests
{
    private const string Folder = "EQUINIXOTP_TESTS_FOREIGN_FOLDER";

    /// <summary>
    /// What is loaded into a process stays in it, and would change every other test. So this test runs itself once more, alone
    /// in a process of its own, and does there what it says.
    /// </summary>
    [Fact]
    public async Task Works_with_a_foreign_Flurl_loaded_first()
    {
        if (Environment.GetEnvironmentVariable(Folder) is { } folder)
        {
            await UseModuleBesideForeignAssembliesAsync(folder);
            return;
        }

        string temporary = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            {
                start.ArgumentList.Add(typeof(ForeignAssemblyTests).Assembly.Location);
            }

            start.ArgumentList.Add("-method");
            start.ArgumentList.Add($"*.{nameof(Works_with_a_foreign_Flurl_loaded_first)}");
            start.Environment[Folder] = temporary;
            using Process alone = Process.Start(start)!;
            Task<string> errors = alone.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await alone.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await alone.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(alone.ExitCode == 0, output + await errors);
            Assert.True(File.Exists(Path.Combine(temporary, "done")), output);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static async Task UseModuleBesideForeignAssembliesAsync(string folder)
    {
        Assembly[] foreign = [Load(folder, "Flurl"), Load(folder, "Flurl.Http"), Load(folder, "Polly.Core")];
        Assert.DoesNotContain(LoadedNames(), name => name is "EquinixOtp" or "EquinixOtp.Client");
        await using var server = new CannedServer(request => request.Number switch
        {
            1 => CannedServer.Answer(429),
            2 => CannedServer.Answer(200, """{"recovery_codes":["a"]}"""),
            _ => CannedServer.Answer(204),
        });
        using var shell = new Shell();
        shell.SetApi(server.Url, Canary.Token, retry: true);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        // Finding out about the cmdlets needs no client.
        Assert.Equal(4, shell.Run("Get-Command -Module EquinixOtp").Success.Cast<CmdletInfo>().Count(command => command.Parameters.Count > 0));
        Assert.DoesNotContain("EquinixOtp.Client", LoadedNames());

        Assert.Equal(["a"], shell.Run("Get-MetalRecoveryCode -AsPlainText @api").Success);
        Assert.Equal([true], shell.Run("Confirm-MetalOtp -TotpSecret $secret -Quiet @api").Success);

        // The client's own are apart, and the foreign ones are still what everybody else gets.
        Assert.Equal(foreign, foreign.Select(assembly => Assembly.Load(assembly.GetName().Name!)));
        Assert.All(foreign, assembly => Assert.Contains(
            AssemblyLoadContext.All.Where(context => context != AssemblyLoadContext.Default).SelectMany(context => context.Assemblies),
            own => own.GetName().Name == assembly.GetName().Name && own.GetName().Version!.Major < 9));
        await File.WriteAllTextAsync(Path.Combine(folder, "done"), string.Empty, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string?> LoadedNames() =>
        AssemblyLoadContext.All.SelectMany(context => context.Assemblies).Select(assembly => assembly.GetName().Name);

    // As Import-Module of another module's assembly does: from a file, into the default context.
    private static Assembly Load(string folder, string name)
    {
        string path = Path.Combine(folder, name + ".dll");
        var builder = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = new Version(9, 9, 9) }, typeof(object).Assembly);
        builder.DefineDynamicModule(name).DefineType(name + ".Foreign", TypeAttributes.Public).CreateType();
        builder.Save(path);
        return Assembly.LoadFrom(path);
    }
}
