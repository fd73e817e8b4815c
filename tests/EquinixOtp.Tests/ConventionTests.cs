using Mono.Cecil;

namespace EquinixOtp.Tests;

/// <summary>Rules that the module's assemblies follow.</summary>
public sealed class ConventionTests : IDisposable
{
    private readonly AssemblyDefinition _module = AssemblyDefinition.ReadAssembly(Path.Combine(Checkout.Bin, "EquinixOtp.dll"));

    private readonly AssemblyDefinition _client =
        AssemblyDefinition.ReadAssembly(Path.Combine(Checkout.Bin, "dependencies", "core", "EquinixOtp.Client.dll"));

    public void Dispose()
    {
        _module.Dispose();
        _client.Dispose();
    }

    /// <summary>Other users of a machine can read the arguments and the environment of a process.</summary>
    [Fact]
    public void No_process_is_started_and_no_environment_variable_set()
    {
        ModuleDefinition[] modules = [_module.MainModule, _client.MainModule];
        string[] used =
        [
            .. modules.SelectMany(module => module.GetTypeReferences()).Select(type => type.FullName),
            .. modules.SelectMany(module => module.GetMemberReferences())
                .Select(member => $"{member.DeclaringType.FullName}.{member.Name}"),
        ];

        Assert.Contains("System.Environment.GetEnvironmentVariable", used);
        Assert.DoesNotContain("System.Environment.SetEnvironmentVariable", used);
        Assert.DoesNotContain(used, name => name.StartsWith("System.Diagnostics.Process", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_error_kind_of_the_client_has_an_error_id()
    {
        IEnumerable<string> kinds = _client.MainModule.GetType("EquinixOtp.Client.MetalOtpErrorKind").Fields
            .Where(field => field.IsStatic)
            .Select(field => field.Name);
        string[] others = [MetalErrorIds.AmbiguousIdentity, MetalErrorIds.InvalidDefaultValue, MetalErrorIds.TokenNotFound];
        string[] ids = [.. _module.MainModule.GetType("EquinixOtp.MetalErrorId").Fields.Select(field => (string)field.Constant).Order()];

        Assert.Equal(kinds.Concat(others).Order(), ids);
        Assert.Equal(typeof(MetalErrorIds).GetFields().Select(field => field.Name).Order(), ids);
    }
}
