using System.Management.Automation.Language;
using System.Xml.Linq;
using Mono.Cecil;

namespace EquinixOtp.Tests;

/// <summary>Checks the module's files against the reference assemblies and the known syntax of Windows PowerShell 5.1.</summary>
public sealed class WindowsPowerShellTests : IDisposable
{
    private readonly DesktopAssemblies _desktop = new(Checkout.Bin);

    public void Dispose() => _desktop.Dispose();

    [Fact]
    public void Types_and_members_that_the_assemblies_use_exist() => Assert.Equal(
        [
            // Used on PowerShell 7 only.
            "EquinixOtp: System.Runtime.Loader.AssemblyLoadContext",
            // Used by GetStringAsync, which the client does not call.
            "Flurl.Http: System.Text.CodePagesEncodingProvider",
        ],
        _desktop.Shipped
            .SelectMany(assembly => DesktopAssemblies.Missing(assembly).Select(missing => $"{assembly.Name.Name}: {NameOf(missing)}"))
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Each_method_that_is_called_compiles()
    {
        MethodDefinition[] dead = [.. _desktop.Uncompilable()];

        // Called on .NET only. Inlined, it would keep its caller from compiling.
        MethodDefinition own = Assert.Single(dead, method => IsOurs(method.Module));
        Assert.Equal("EquinixOtp.ModuleInitializer::HookCore", NameOf(own));
        Assert.True(own.NoInlining);
        // GetStringAsync.
        Assert.Equal(
            ["Flurl.Http.FlurlResponse"],
            dead.Except([own])
                .Select(method => DesktopAssemblies.Enclosing(method.DeclaringType).Last().FullName)
                .Distinct()
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            ["EquinixOtp.ModuleInitializer::OnImport"],
            from assembly in _desktop.Shipped
            where IsOurs(assembly.MainModule)
            from type in assembly.MainModule.GetTypes()
            from method in type.Methods
            where DesktopAssemblies.Uses(method).OfType<MethodReference>().Any(used => dead.Contains(used.Resolve()))
            select NameOf(method));
    }

    // Windows PowerShell loads the exported types, with their fields and attributes, before OnImport makes the client loadable.
    [Fact]
    public void Exported_types_name_no_type_of_the_client()
    {
        AssemblyDefinition module = _desktop.Shipped.Single(assembly => assembly.Name.Name == "EquinixOtp");
        TypeDefinition[] exported =
        [
            .. module.MainModule.GetTypes()
                .Where(type => DesktopAssemblies.Enclosing(type).All(outer => outer.IsPublic || outer.IsNestedPublic)),
        ];
        IEnumerable<TypeReference> named =
        [
            .. exported.SelectMany(DesktopAssemblies.Parents),
            .. exported.SelectMany(type => type.Fields).Select(field => field.FieldType),
            .. exported.SelectMany(type => type.Properties).Select(property => property.PropertyType),
            .. exported.SelectMany(type => type.Methods).Where(method => method.IsPublic || method.IsConstructor)
                .SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)),
            .. exported.SelectMany(type => type.Properties.Cast<ICustomAttributeProvider>().Append(type))
                .SelectMany(member => member.CustomAttributes)
                .SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value).Append(attribute.AttributeType))
                .OfType<TypeReference>(),
        ];

        Assert.Equal(
            ["EquinixOtp.dll", "System.Management.Automation", "netstandard"],
            named.SelectMany(Parts).Select(type => type.Scope.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Manifest_uses_known_keys_and_restricted_syntax()
    {
        string[] known =
        [
            "AliasesToExport", "Author", "CLRVersion", "CmdletsToExport", "CompanyName", "CompatiblePSEditions", "Copyright",
            "DefaultCommandPrefix", "Description", "DotNetFrameworkVersion", "DscResourcesToExport", "FileList", "FormatsToProcess",
            "FunctionsToExport", "GUID", "HelpInfoURI", "ModuleList", "ModuleVersion", "NestedModules", "PowerShellHostName",
            "PowerShellHostVersion", "PowerShellVersion", "PrivateData", "ProcessorArchitecture", "RequiredAssemblies", "RequiredModules",
            "RootModule", "ScriptsToProcess", "TypesToProcess", "VariablesToExport",
        ];
        ScriptBlockAst script = Parser.ParseFile(Checkout.Manifest, out _, out ParseError[] errors);
        HashtableAst manifest = Assert.IsType<HashtableAst>(script.Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false));
        var values = manifest.KeyValuePairs.ToDictionary(pair => pair.Item1.SafeGetValue().ToString()!, pair => pair.Item2);

        Assert.Empty(errors);
        Assert.All(script.FindAll(_ => true, searchNestedScriptBlocks: true), ast => Assert.True(
            ast is ScriptBlockAst or NamedBlockAst or StatementBlockAst or PipelineAst or CommandExpressionAst
                or HashtableAst or ArrayExpressionAst or ArrayLiteralAst or ConstantExpressionAst,
            ast.ToString()));
        Assert.Subset(known.ToHashSet(), values.Keys.ToHashSet());
        Assert.Equal("5.1", Value("PowerShellVersion"));
        Assert.Equal("4.7.2", Value("DotNetFrameworkVersion"));
        Assert.Equal("bin/EquinixOtp.dll", Value("RootModule"));
        Assert.Equal(["bin/EquinixOtp.Format.ps1xml"], Assert.IsType<object[]>(Value("FormatsToProcess")));

        object Value(string key) => ((PipelineAst)values[key]).GetPureExpression().SafeGetValue();
    }

    // Windows PowerShell reads text without a byte order mark in the machine's code page.
    [Theory]
    [InlineData("EquinixOtp.psd1")]
    [InlineData("bin/EquinixOtp.Format.ps1xml")]
    [InlineData("en-US/EquinixOtp.dll-Help.xml")]
    [InlineData("en-US/about_EquinixOtp.help.txt")]
    public void Text_file_is_ASCII(string file) =>
        Assert.DoesNotContain(File.ReadAllBytes(Path.Combine(Checkout.Root, file)), value => value > 127);

    [Fact]
    public void Views_use_known_elements_and_simple_scripts()
    {
        string[] known =
        [
            "Configuration", "ViewDefinitions", "View", "Name", "ViewSelectedBy", "TypeName", "TableControl", "TableHeaders",
            "TableColumnHeader", "Label", "Width", "TableRowEntries", "TableRowEntry", "TableColumnItems", "TableColumnItem",
            "PropertyName", "ScriptBlock", "ListControl", "ListEntries", "ListEntry", "ListItems", "ListItem",
        ];
        var views = XDocument.Load(Path.Combine(Checkout.Bin, "EquinixOtp.Format.ps1xml"));

        Assert.Subset(known.ToHashSet(), views.Descendants().Select(element => element.Name.ToString()).ToHashSet());
        foreach (XElement element in views.Descendants("ScriptBlock"))
        {
            ScriptBlockAst script = Parser.ParseInput(element.Value, out _, out ParseError[] errors);
            Assert.Empty(errors);
            Assert.All(script.FindAll(_ => true, searchNestedScriptBlocks: true), ast => Assert.True(
                ast is ScriptBlockAst or NamedBlockAst or StatementBlockAst or IfStatementAst or PipelineAst or CommandExpressionAst
                    or ConstantExpressionAst
                    or VariableExpressionAst { VariablePath.UserPath: "_" }
                    or MemberExpressionAst { NullConditional: false },
                ast.ToString()));
        }
    }

    [Fact]
    public void Help_file_is_MAML()
    {
        XElement help = XDocument.Load(Path.Combine(Checkout.Root, "en-US", "EquinixOtp.dll-Help.xml")).Root!;

        Assert.Equal("{http://msh}helpItems", help.Name);
        Assert.Equal("maml", help.Attribute("schema")?.Value);
        Assert.All(
            help.Elements(), command => Assert.Equal("{http://schemas.microsoft.com/maml/dev/command/2004/10}command", command.Name));
        Assert.Equal(Scripts.All.Length, help.Elements().Count());
    }

    private static bool IsOurs(ModuleDefinition module) => module.Assembly.Name.Name is "EquinixOtp" or "EquinixOtp.Client";

    private static string NameOf(MemberReference member) =>
        member is TypeReference ? member.FullName : $"{member.DeclaringType.FullName}::{member.Name}";

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => generic.GenericArguments.Append(generic.ElementType).SelectMany(Parts),
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };
}
