using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace EquinixOtp;

/// <summary>
/// Registers, when PowerShell imports the module, where the client and its dependencies load from: <c>bin/dependencies</c>. On
/// PowerShell 7 they load in a context of their own, separate from the assemblies of other modules.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    private const string Client = "EquinixOtp.Client";

    // Written under s_lock.
    private static bool s_isHooked;
    private static readonly object s_lock = new();

    internal static string DependenciesFolder { get; } =
        Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "dependencies");

    /// <summary>Called by PowerShell at each import.</summary>
    /// <exception cref="PSNotSupportedException">PowerShell 7.0 to 7.3, whose .NET cannot load the client.</exception>
    public void OnImport()
    {
        bool isDesktop = RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal);
        if (!isDesktop)
        {
            RequireDotNet8(Environment.Version);
        }

        // Another runspace that imports at the same time waits until the resolver is hooked.
        lock (s_lock)
        {
            if (s_isHooked)
            {
                return;
            }

            if (isDesktop)
            {
                HookDesktop();
            }
            else
            {
                HookCore();
            }

            s_isHooked = true;
        }
    }

    // The manifest cannot say "5.1, or 7.4 and newer".
    internal static void RequireDotNet8(Version runtime)
    {
        if (runtime.Major < 8)
        {
            throw new PSNotSupportedException(
                "EquinixOtp needs PowerShell 7.4 or newer, or Windows PowerShell 5.1."
                    + $" This PowerShell runs on .NET {runtime}; the module needs .NET 8.");
        }
    }

    // .NET Framework has no load contexts, and cannot compile a method that names one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HookCore() => DependencyLoadContext.Hook(Path.Combine(DependenciesFolder, "core"));

    // Windows PowerShell has one load context. The event is raised only for assemblies that were not found otherwise.
    private static void HookDesktop()
    {
        string folder = Path.Combine(DependenciesFolder, "desktop");
        AppDomain.CurrentDomain.AssemblyResolve += (_, args) =>
            FindFile(folder, new AssemblyName(args.Name)) is { } file ? Assembly.LoadFrom(file) : null;
    }

    private static string? FindFile(string folder, AssemblyName name)
    {
        string file = Path.Combine(folder, name.Name + ".dll");
        return File.Exists(file) ? file : null;
    }

    /// <summary>The load context of the client and its dependencies. Other assemblies come from the default context.</summary>
    private sealed class DependencyLoadContext(string folder) : AssemblyLoadContext
    {
        public static void Hook(string folder)
        {
            var context = new DependencyLoadContext(folder);
            Default.Resolving += (_, name) => context.LoadClient(name);
            // If another module's Resolving handler throws FileNotFoundException, .NET raises AssemblyResolve. After any other
            // exception it raises nothing, and the cmdlets report the failure.
            AppDomain.CurrentDomain.AssemblyResolve += (_, args) => context.LoadClient(new AssemblyName(args.Name));
        }

        // Not LoadFromAssemblyName: for a missing file it asks the default context, whose Resolving event would call this again.
        protected override Assembly? Load(AssemblyName assemblyName) =>
            FindFile(folder, assemblyName) is { } file ? LoadFromAssemblyPath(file) : null;

        private Assembly? LoadClient(AssemblyName name)
        {
            try
            {
                return name.Name == Client ? Load(name) : null;
            }
            catch (BadImageFormatException)
            {
                // An exception in this event ends the process. Without a result, .NET reports a missing file.
                return null;
            }
        }
    }
}
