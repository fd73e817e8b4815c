using System.Reflection;
using Mono.Cecil;

namespace EquinixOtp.Tests;

/// <summary>
/// The assemblies that Windows PowerShell 5.1 provides or loads for the module: the reference assemblies of .NET Framework 4.7.2 and
/// PowerShell, and those of the package. They are read and not loaded.
/// </summary>
internal sealed class DesktopAssemblies : IAssemblyResolver
{
    private readonly Dictionary<string, AssemblyDefinition> _read = [];
    private readonly Dictionary<MemberReference, bool> _usable = [];
    private readonly string[] _platform;
    private readonly string[] _module;

    public DesktopAssemblies(string bin)
    {
        string framework = FolderOf("DotNetFramework");
        _platform = [framework, Path.Combine(framework, "Facades"), FolderOf("WindowsPowerShell")];
        _module = [bin, Path.Combine(bin, "dependencies", "desktop")];
        Shipped = [.. _module.SelectMany(folder => Directory.GetFiles(folder, "*.dll")).Select(Read)];
    }

    public IReadOnlyList<AssemblyDefinition> Shipped { get; }

    // .NET Framework and ModuleInitializer resolve an assembly by its simple name. An older version than the requested one is unusable.
    public AssemblyDefinition? Resolve(AssemblyNameReference name) =>
        _platform.Concat(_module)
            .Select(folder => Path.Combine(folder, name.Name + ".dll"))
            .Where(File.Exists)
            .Select(Read)
            .FirstOrDefault(assembly => assembly.Name.Version >= name.Version);

    public AssemblyDefinition? Resolve(AssemblyNameReference name, ReaderParameters parameters) => Resolve(name);

    /// <summary>Returns the types and members that an assembly uses and that do not exist.</summary>
    public static IEnumerable<MemberReference> Missing(AssemblyDefinition assembly) =>
        assembly.MainModule.GetTypeReferences().Where(type => !Exists(type))
            .Concat(assembly.MainModule.GetMemberReferences().Where(member => Exists(member.DeclaringType) && !Exists(member)));

    /// <summary>
    /// Returns the methods that .NET Framework cannot compile, because they use a missing member or a type whose base is missing. The
    /// methods of such a type are left out: only the returned methods can call them.
    /// </summary>
    public IEnumerable<MethodDefinition> Uncompilable() =>
        from type in Shipped.SelectMany(assembly => assembly.MainModule.GetTypes())
        where Enclosing(type).All(IsUsable)
        from method in type.Methods
        where !Uses(method).All(IsUsable)
        select method;

    /// <summary>Returns the types and members in the signature and the code of a method.</summary>
    public static IEnumerable<MemberReference> Uses(MethodDefinition method) =>
        method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)
            .Concat(method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [])
            .Concat(method.HasBody ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MemberReference>() : [])
            .Concat(method.HasBody ? method.Body.ExceptionHandlers.Select(handler => handler.CatchType).OfType<TypeReference>() : []);

    /// <summary>Returns the base and the interfaces of a type.</summary>
    public static IEnumerable<TypeReference> Parents(TypeDefinition type) =>
        type.Interfaces.Select(implementation => implementation.InterfaceType).Concat(type.BaseType is { } parent ? [parent] : []);

    /// <summary>Returns a type and the types that it is nested in.</summary>
    public static IEnumerable<TypeDefinition> Enclosing(TypeDefinition type)
    {
        for (TypeDefinition? outer = type; outer is not null; outer = outer.DeclaringType)
        {
            yield return outer;
        }
    }

    public void Dispose()
    {
        foreach (AssemblyDefinition assembly in _read.Values)
        {
            assembly.Dispose();
        }
    }

    private static string FolderOf(string key) => typeof(DesktopAssemblies).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;

    private AssemblyDefinition Read(string file)
    {
        if (!_read.TryGetValue(file, out AssemblyDefinition? assembly))
        {
            assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = this });
            _read.Add(file, assembly);
        }

        return assembly;
    }

    private bool IsUsable(MemberReference member)
    {
        if (!_usable.TryGetValue(member, out bool usable))
        {
            // A type can be an argument of its own interface: Int32 is an IComparable<Int32>.
            _usable[member] = true;
            usable = Exists(member) && (member is TypeReference type ? IsLoadable(type) : IsUsable(member.DeclaringType));
            _usable[member] = usable;
        }

        return usable;
    }

    private bool IsLoadable(TypeReference type) =>
        type.Resolve() is not { } definition
        || !Shipped.Contains(definition.Module.Assembly)
        || Parents(definition).Concat(definition.Fields.Select(field => field.FieldType).Where(field => field.IsValueType)).All(IsUsable);

    private static bool Exists(MemberReference member) => member switch
    {
        GenericParameter => true,
        TypeSpecification { ElementType: var element } and not GenericInstanceType => Exists(element),
        GenericInstanceType generic => generic.GenericArguments.Append(generic.ElementType).All(Exists),
        TypeReference type => type.Resolve() is not null,
        // The runtime creates the methods of an array.
        { DeclaringType: ArrayType array } => Exists(array),
        MethodReference method => method.Resolve() is not null,
        FieldReference field => field.Resolve() is not null,
        _ => throw new ArgumentException(member.ToString()),
    };
}
