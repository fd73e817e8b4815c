using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;

namespace EquinixOtp.Tests;

/// <summary>The module's assemblies load beside those of other modules, from an incomplete folder, and concurrently.</summary>
public class AssemblyLoadingTests
{
    [Fact]
    public Task Module_works_after_another_module_loaded_other_versions() =>
        SeparateProcess.RunAsync(UseModuleBesideForeignAssembliesAsync);

    [Fact]
    public Task Resolver_of_another_module_that_throws_is_an_error() =>
        SeparateProcess.RunAsync(_ =>
        {
            AssemblyLoadContext.Default.Resolving += (_, name) => throw new InvalidOperationException(name.Name);
            using var shell = new Shell(new Uri("http://127.0.0.1:9/"));

            ErrorRecord error = Assert.Single(shell.Run("Get-MetalRecoveryCode @api").Errors);

            Assert.StartsWith(MetalErrorIds.InternalError, error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("resolver", error.ErrorDetails.Message, StringComparison.Ordinal);
            return Task.CompletedTask;
        });

    [Fact]
    public Task Module_works_beside_a_resolver_that_finds_no_file() =>
        SeparateProcess.RunAsync(async _ =>
        {
            AssemblyLoadContext.Default.Resolving += (_, name) => throw new FileNotFoundException(name.Name);
            await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
            using var shell = new Shell(server.BaseUrl);

            Assert.Equal(["a"], shell.Run("Get-MetalRecoveryCode -AsPlainText @api").Success);
        });

    /// <summary>Uninstall-PSResource removes the client while a session has imported the module.</summary>
    [Fact]
    public Task Missing_client_is_an_error() =>
        SeparateProcess.RunAsync(folder => CallWithoutAsync("EquinixOtp.Client", folder));

    [Fact]
    public Task Damaged_client_is_an_error() =>
        SeparateProcess.RunAsync(folder => CallWithoutAsync("EquinixOtp.Client", folder, isDamaged: true));

    [Fact]
    public Task Damaged_dependency_is_an_error() =>
        SeparateProcess.RunAsync(folder => CallWithoutAsync("Flurl.Http", folder, isDamaged: true));

    [Fact]
    public Task Missing_dependency_is_an_error() =>
        SeparateProcess.RunAsync(folder => CallWithoutAsync("Flurl.Http", folder));

    [Fact]
    public Task Missing_dependency_of_a_retry_is_an_error() =>
        SeparateProcess.RunAsync(folder => CallWithoutAsync("Polly.Core", folder));

    [Fact]
    public Task Concurrent_imports_all_work() =>
        SeparateProcess.RunAsync(async _ =>
        {
            await using LoopbackServer server = LoopbackServer.Responding(_ => Response.Create(200, """{"recovery_codes":["a"]}"""));
            Shell[] shells = [.. Enumerable.Range(0, 16).Select(_ => new Shell(import: false))];
            using var start = new ManualResetEventSlim();
            Task<Outcome>[] calls = [.. shells.Select(shell => Task.Factory.StartNew(
                () =>
                {
                    shell.SetApi(server.BaseUrl, Canary.Token);
                    start.Wait();
                    return shell.Run("Import-Module $manifest -ErrorAction Stop; Get-MetalRecoveryCode -AsPlainText @api");
                },
                TaskCreationOptions.LongRunning))];
            start.Set();

            Assert.All(await Task.WhenAll(calls), outcome => Assert.Equal(["a"], outcome.Success));
            Assert.All(shells, shell => shell.Dispose());
        });

    [Fact]
    public async Task Dependencies_load_into_their_own_context_and_all_else_comes_from_the_host()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Create(429), Response.Good);
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        shell.SetSecrets();
        _ = shell.Run("Import-Module $manifest -Force; Get-MetalRecoveryCode @api; Confirm-MetalOtp -TotpSecret $totp @api").Success;

        AssemblyLoadContext own = Assert.Single(
            AssemblyLoadContext.All, context => context.GetType().Assembly.GetName().Name == "EquinixOtp");

        Assert.Equal(
            ["EquinixOtp.Client", "Flurl", "Flurl.Http", "Otp.NET", "Polly.Core"],
            own.Assemblies.Select(assembly => assembly.GetName().Name).Order(StringComparer.Ordinal));
        string folder = Path.Combine(Checkout.Bin, "dependencies", "core");
        Assert.All(own.Assemblies, assembly => Assert.Equal(folder, Path.GetDirectoryName(assembly.Location)));
    }

    [Theory]
    [InlineData("Flurl")]
    [InlineData("Flurl.Http")]
    [InlineData("Polly.Core")]
    public void Dependency_is_not_resolved_for_other_modules(string name)
    {
        using var shell = new Shell();

        Assert.DoesNotContain(Directory.GetFiles(AppContext.BaseDirectory), file => Path.GetFileName(file) == name + ".dll");
        Assert.Throws<FileNotFoundException>(() => Assembly.Load(name));
    }

    [Theory]
    [InlineData("3.1.32", false)]
    [InlineData("7.0.20", false)]
    [InlineData("8.0.0", true)]
    [InlineData("10.0.1", true)]
    public void Import_is_refused_below_DotNet_8(string runtime, bool isAccepted)
    {
        using var shell = new Shell();
        MethodInfo check = AssemblyLoadContext.Default.Assemblies.Single(assembly => assembly.GetName().Name == "EquinixOtp")
            .GetType("EquinixOtp.ModuleInitializer", throwOnError: true)!
            .GetMethod("RequireDotNet8", BindingFlags.Static | BindingFlags.NonPublic)!;

        Exception? thrown = Record.Exception(() => check.Invoke(null, [new Version(runtime)]))?.InnerException;

        Assert.Equal(isAccepted, thrown is null);
        Assert.True(thrown is null || (thrown is PSNotSupportedException && thrown.Message.Contains("7.4", StringComparison.Ordinal)));
    }

    private static async Task UseModuleBesideForeignAssembliesAsync(string folder)
    {
        Assembly[] foreign = [Load(folder, "Flurl"), Load(folder, "Flurl.Http"), Load(folder, "Polly.Core")];
        Assert.DoesNotContain(LoadedNames(), name => name is "EquinixOtp" or "EquinixOtp.Client");
        await using LoopbackServer server = LoopbackServer.Responding(request => request.Number switch
        {
            1 => Response.Create(429),
            2 => Response.Create(200, """{"recovery_codes":["a"]}"""),
            _ => Response.Create(204),
        });
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        // The resolver of a module that was imported later.
        AssemblyLoadContext.Default.Resolving += (_, name) => throw new InvalidOperationException(name.Name);

        // The client loads with the first call.
        IEnumerable<CmdletInfo> commands = shell.Run("Get-Command -Module EquinixOtp").Success.Cast<CmdletInfo>();
        Assert.Equal(4, commands.Count(command => command.Parameters.Count > 0));
        Assert.DoesNotContain("EquinixOtp.Client", LoadedNames());

        Assert.Equal(["a"], shell.Run("Get-MetalRecoveryCode -AsPlainText @api").Success);
        Assert.Equal([true], shell.Run("Confirm-MetalOtp -TotpSecret $secret -Quiet @api").Success);

        // Other modules still get the foreign assemblies.
        Assert.Equal(foreign, foreign.Select(assembly => Assembly.Load(assembly.GetName().Name!)));
        Assert.All(foreign, assembly => Assert.Contains(
            AssemblyLoadContext.All.Where(context => context != AssemblyLoadContext.Default).SelectMany(context => context.Assemblies),
            own => own.GetName().Name == assembly.GetName().Name && own.GetName().Version!.Major < 9));
    }

    private static IEnumerable<string?> LoadedNames() =>
        AssemblyLoadContext.All.SelectMany(context => context.Assemblies).Select(assembly => assembly.GetName().Name);

    // Like Import-Module of another module: from a file, into the default context.
    private static Assembly Load(string folder, string name)
    {
        string path = Path.Combine(folder, name + ".dll");
        var builder = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = new Version(9, 9, 9) }, typeof(object).Assembly);
        builder.DefineDynamicModule(name).DefineType(name + ".Foreign", TypeAttributes.Public).CreateType();
        builder.Save(path);
        return Assembly.LoadFrom(path);
    }

    private static async Task CallWithoutAsync(string assembly, string folder, bool isDamaged = false)
    {
        string manifest = CopyModule(folder);
        string file = Path.Combine(folder, "bin", "dependencies", "core", assembly + ".dll");
        File.Delete(file);
        if (isDamaged)
        {
            await File.WriteAllTextAsync(file, "<html>", TestContext.Current.CancellationToken);
        }

        await using LoopbackServer server = LoopbackServer.Responding(429);
        using var shell = new Shell(import: false);
        shell["copy"] = manifest;
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        _ = shell.Run("Import-Module $copy").Success;

        foreach (string script in Scripts.All)
        {
            Assert.Equal([MetalErrorIds.InternalError], shell.Run($"{script} @api").ErrorIds);
        }
    }

    private static string CopyModule(string folder)
    {
        foreach (string file in Directory.GetFiles(Checkout.Bin, "*", SearchOption.AllDirectories).Append(Checkout.Manifest))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Checkout.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return Path.Combine(folder, Path.GetFileName(Checkout.Manifest));
    }
}
