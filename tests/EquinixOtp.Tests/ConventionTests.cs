using System.Reflection;
using System.Runtime.Loader;
using Mono.Cecil;

namespace EquinixOtp.Tests;

/// <summary>What holds for the module's code, whatever it does.</summary>
public sealed class ConventionTests : IDisposable
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // The module's own assemblies as they ship, to be read.
    private static readonly AssemblyDefinition[] s_own =
    [
        AssemblyDefinition.ReadAssembly(Path.Combine(Checkout.Bin, "EquinixOtp.dll")),
        AssemblyDefinition.ReadAssembly(Path.Combine(Checkout.Bin, "dependencies", "core", "EquinixOtp.Client.dll")),
    ];

    private readonly Shell _shell = new();
    private readonly Assembly _module;
    private readonly Type[] _cmdlets;

    public ConventionTests()
    {
        _module = AssemblyLoadContext.Default.Assemblies.Single(assembly => assembly.GetName().Name == "EquinixOtp");
        _cmdlets = [.. _module.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(PSCmdlet)) && !type.IsAbstract)];
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Module_is_loaded_from_the_checkout() =>
        Assert.Equal(Path.Combine(Checkout.Bin, "EquinixOtp.dll"), _module.Location);

    [Fact]
    public void Cmdlets_are_sealed_and_named_for_their_command()
    {
        Assert.Equal(4, _cmdlets.Length);
        foreach (Type type in _cmdlets)
        {
            CmdletAttribute name = type.GetCustomAttribute<CmdletAttribute>()!;
            Assert.True(type.IsSealed);
            Assert.Equal($"{name.VerbName}{name.NounName}Command", type.Name);
        }
    }

    [Fact]
    public void Cmdlets_state_their_output() =>
        Assert.All(_cmdlets, type => Assert.NotEmpty(type.GetCustomAttributes<OutputTypeAttribute>()));

    [Fact]
    public void What_changes_something_supports_should_process()
    {
        Assert.Equal(
            [("Confirm", true, ConfirmImpact.Medium), ("Get", false, ConfirmImpact.None), ("Reset", true, ConfirmImpact.High), ("Send", true, ConfirmImpact.Medium)],
            _cmdlets.Select(type => type.GetCustomAttribute<CmdletAttribute>()!)
                .Select(attribute => (attribute.VerbName, attribute.SupportsShouldProcess, attribute.ConfirmImpact))
                .OrderBy(row => row.VerbName));
    }

    [Fact]
    public void Public_surface_is_what_people_touch() => Assert.Equal(
        [
            "ConfirmedUserCmdlet", "ConfirmMetalOtpCommand", "GetMetalRecoveryCodeCommand", "MetalApiException", "MetalCmdlet", "MetalErrorId", "ModuleInitializer",
            "OtpConfirmation", "RecoveryCode", "RecoveryCodeCmdlet", "ResetMetalRecoveryCodeCommand", "SendMetalOtpSmsCommand",
        ],
        _module.GetExportedTypes().Select(type => type.Name).Order());

    [Fact]
    public void No_cmdlets_field_base_property_or_attribute_names_a_type_of_the_client()
    {
        string[] allowed = ["EquinixOtp", "System.Management.Automation", "System.Private.CoreLib", "System.Private.Uri"];
        foreach (Type type in _cmdlets.SelectMany(Family).Distinct())
        {
            IEnumerable<Type> named = type.GetFields(Declared).Select(field => field.FieldType)
                .Concat(type.GetProperties(Declared).Select(property => property.PropertyType))
                .Concat(type.GetInterfaces())
                .Append(type.BaseType!)
                .Concat(type.GetMembers(Declared).Append(type).SelectMany(member => member.GetCustomAttributesData()).SelectMany(TypesOf));

            Assert.All(named.SelectMany(Parts), part => Assert.Contains(part.Assembly.GetName().Name, allowed));
        }
    }

    [Fact]
    public void Public_members_name_no_type_of_the_client()
    {
        IEnumerable<Type> named = _module.GetExportedTypes()
            .SelectMany(type => type.GetMembers())
            .SelectMany(member => member switch
            {
                PropertyInfo property => [property.PropertyType],
                MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
                FieldInfo field => [field.FieldType],
                ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
                _ => [],
            });

        Assert.DoesNotContain(named.SelectMany(Parts), type => type.Assembly.GetName().Name is "EquinixOtp.Client" or "Flurl" or "Flurl.Http");
    }

    /// <summary>Who sees a process's arguments or a child's environment sees no secret of a module that gives it none.</summary>
    [Fact]
    public void No_process_is_started_and_no_environment_variable_set()
    {
        string[] used =
        [
            .. s_own.SelectMany(assembly => assembly.MainModule.GetTypeReferences()).Select(type => type.FullName),
            .. s_own.SelectMany(assembly => assembly.MainModule.GetMemberReferences()).Select(member => $"{member.DeclaringType.FullName}.{member.Name}"),
        ];

        Assert.Contains("System.Environment.GetEnvironmentVariable", used);
        Assert.DoesNotContain("System.Environment.SetEnvironmentVariable", used);
        Assert.DoesNotContain(used, name => name.StartsWith("System.Diagnostics.Process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Error_ids_are_the_clients_kinds_and_the_modules_own()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        _shell.SetApi(server.BaseUrl, Canary.Token);
        _ = _shell.Run("Send-MetalOtpSms @api").Success;
        Type kinds = AssemblyLoadContext.All.SelectMany(context => context.Assemblies)
            .Single(assembly => assembly.GetName().Name == "EquinixOtp.Client")
            .GetType("EquinixOtp.Client.MetalOtpErrorKind", throwOnError: true)!;
        string[] ids = [.. _module.GetType("EquinixOtp.MetalErrorId", throwOnError: true)!.GetFields().Select(field => (string)field.GetRawConstantValue()!).Order()];

        Assert.Equal(Enum.GetNames(kinds).Concat([MetalErrorIds.AmbiguousIdentity, MetalErrorIds.InvalidDefaultValue, MetalErrorIds.TokenNotFound]).Order(), ids);
        Assert.Equal(typeof(MetalErrorIds).GetFields().Select(field => field.Name).Order(), ids);
    }

    [Fact]
    public async Task One_version_everywhere()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        _shell.SetApi(server.BaseUrl, Canary.Token);
        _ = _shell.Run("Send-MetalOtpSms @api").Success;
        Assembly client = AssemblyLoadContext.All.SelectMany(context => context.Assemblies).Single(assembly => assembly.GetName().Name == "EquinixOtp.Client");

        Assert.Equal([Checkout.Version], _shell.Run("[string](Get-Module EquinixOtp).Version").Success);
        Assert.StartsWith($"EquinixOtp/{Checkout.PackageVersion} ", server.Requests[0].Header("User-Agent"), StringComparison.Ordinal);
        Assert.All([_module, client], assembly => Assert.Equal(
            (Checkout.Version, Checkout.PackageVersion),
            (assembly.GetName().Version!.ToString(3), assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion)));
    }

    private static IEnumerable<Type> Family(Type type)
    {
        for (Type? member = type; member != typeof(PSCmdlet); member = member!.BaseType)
        {
            yield return member!;
        }
    }

    private static IEnumerable<Type> TypesOf(CustomAttributeData attribute) =>
        attribute.ConstructorArguments.Select(argument => argument.Value)
            .SelectMany(value => value is IEnumerable<CustomAttributeTypedArgument> list ? list.Select(item => item.Value) : [value])
            .OfType<Type>()
            .Append(attribute.AttributeType);

    // A generic type names its arguments, and an array its elements.
    private static IEnumerable<Type> Parts(Type type) =>
        type.GetGenericArguments().Concat(type.HasElementType ? [type.GetElementType()!] : []).SelectMany(Parts).Append(type);
}
