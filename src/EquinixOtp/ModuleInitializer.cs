using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace EquinixOtp;

/// <summary>
/// Makes the client and what it depends on load from <c>bin/dependencies</c>, apart from what other modules bring, when
/// the module is imported.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    internal static string DependenciesFolder { get; } =
        Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "dependencies");

    /// <summary>Called by PowerShell at each import.</summary>
    public void OnImport()
    {
        if (RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal))
        {
            DesktopDependencies.Hook();
        }
        else
        {
            HookCore();
        }
    }

    // .NET Framework has no load contexts, so there it can't compile a method that names a kind of them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HookCore() => CoreDependencies.Hook();

    /// <summary>The file of a dependency, or null when there is no such file.</summary>
    private static string? FileOf(AssemblyName name)
    {
        string path = Path.Combine(DependenciesFolder, name.Name + ".dll");
        return File.Exists(path) ? path : null;
    }

    /// <summary>PowerShell 7: a load context of our own, entered by the client's name alone.</summary>
    private sealed class CoreDependencies : AssemblyLoadContext
    {
        private static CoreDependencies? s_instance;

        public static void Hook()
        {
            if (s_instance is null && Interlocked.CompareExchange(ref s_instance, new CoreDependencies(), null) is null)
            {
                Default.Resolving += (_, name) => name.Name == "EquinixOtp.Client" ? s_instance.LoadFromAssemblyName(name) : null;
            }
        }

        // What .NET and PowerShell bring is taken from there: one System.*, and no second Newtonsoft.Json.
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name is not "Newtonsoft.Json" and { } simpleName
            && !simpleName.StartsWith("System.", StringComparison.Ordinal)
            && FileOf(assemblyName) is { } path
                ? LoadFromAssemblyPath(path)
                : null;
    }

    /// <summary>Windows PowerShell: one load context, so only what nobody else has resolved is answered for.</summary>
    private static class DesktopDependencies
    {
        private static int s_hooked;

        public static void Hook()
        {
            if (Interlocked.Exchange(ref s_hooked, 1) == 0)
            {
                AppDomain.CurrentDomain.AssemblyResolve += (_, args) =>
                    FileOf(new AssemblyName(args.Name)) is { } path ? Assembly.LoadFrom(path) : null;
            }
        }
    }
}
