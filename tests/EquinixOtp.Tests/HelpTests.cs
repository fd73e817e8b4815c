using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>The cmdlets, the pages in <c>docs/en-US</c> and what Get-Help says agree, with nothing but the engine on the machine.</summary>
public partial class HelpTests
{
    private static readonly string[] s_otpErrors = [MetalErrorIds.InvalidOtp, MetalErrorIds.InvalidTotpSecret, MetalErrorIds.OtpRejected];

    public static TheoryData<string> Cmdlets => new(HelpPage.Names);

    [Fact]
    public void Each_cmdlet_has_a_page_and_each_page_a_cmdlet()
    {
        using var shell = new Shell();

        Assert.Equal(HelpPage.Names, shell.Run("(Get-Module EquinixOtp).ExportedCmdlets.Keys").Success.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(
            HelpPage.Names.Append("EquinixOtp").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs", "en-US"), "*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_declares_the_parameters_of_the_cmdlet(string name)
    {
        using var shell = new Shell();
        CmdletInfo cmdlet = GetCmdlet(shell, name);
        using var instance = (IDisposable)Activator.CreateInstance(cmdlet.ImplementingType)!;

        IEnumerable<string> declared = cmdlet.Parameters.Values
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .Select(parameter => Describe(
                parameter.Name,
                parameter.ParameterType.FullName!,
                parameter.Aliases,
                parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.DontShow),
                parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
                Default(parameter, instance),
                parameter.ParameterSets.Select(set => string.Join(
                    ' ',
                    set.Key == ParameterAttribute.AllParameterSets ? "(All)" : set.Key,
                    set.Value.Position < 0 ? "Named" : set.Value.Position,
                    set.Value.IsMandatory,
                    set.Value.ValueFromPipeline,
                    set.Value.ValueFromPipelineByPropertyName,
                    set.Value.ValueFromRemainingArguments))));

        Assert.Equal(declared.Order(StringComparer.Ordinal), new HelpPage(name).Parameters.Select(parameter => Describe(
            parameter.Name,
            parameter.Yaml["Type"],
            parameter.Aliases,
            bool.Parse(parameter.Yaml["DontShow"]),
            bool.Parse(parameter.Yaml["SupportsWildcards"]),
            parameter.Yaml["DefaultValue"],
            parameter.Sets.Select(set => string.Join(
                ' ',
                set["Name"],
                set["Position"],
                bool.Parse(set["IsRequired"]),
                bool.Parse(set["ValueFromPipeline"]),
                bool.Parse(set["ValueFromPipelineByPropertyName"]),
                bool.Parse(set["ValueFromRemainingArguments"]))))));

        static string Describe(
            string name, string type, IEnumerable<string> aliases, bool hidden, bool wildcards, string otherwise, IEnumerable<string> sets) =>
            $"{name} {type} aliases=[{string.Join(' ', aliases)}] hidden={hidden} wildcards={wildcards} default={otherwise} {string.Join("; ", sets)}";
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_and_help_give_the_syntax_of_the_cmdlet(string name)
    {
        using var shell = new Shell();
        CmdletInfo cmdlet = GetCmdlet(shell, name);
        var page = new HelpPage(name);

        string[] sets = [.. cmdlet.ParameterSets.Select(set => set.IsDefault && cmdlet.ParameterSets.Count > 1 ? $"{set.Name} (Default)" : set.Name)];
        string[] syntax = [.. cmdlet.ParameterSets.Select(set => Squeeze($"{name} {set}"))];
        _ = shell.RunInConsole($"$ProgressPreference = 'Ignore'; (Get-Help {name}).Syntax").Success;

        Assert.Equal(sets, page.Syntax.Keys);
        Assert.Equal(syntax, page.Syntax.Values.Select(text => Squeeze(text.Trim('`'))));
        Assert.Equal(string.Concat(syntax), Squeeze(shell.Host.Text));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_names_the_types_that_go_in_and_come_out(string name)
    {
        using var shell = new Shell();
        CmdletInfo cmdlet = GetCmdlet(shell, name);
        var page = new HelpPage(name);

        IEnumerable<string> piped = cmdlet.Parameters.Values
            .Where(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName))
            .Select(parameter => parameter.ParameterType.FullName!)
            .Distinct();
        Assert.Equal(piped.Order(StringComparer.Ordinal), page.Inputs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(cmdlet.OutputType.Select(type => type.Name), page.Outputs.Keys);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Help_says_of_the_parameters_what_the_page_says(string name)
    {
        using var shell = new Shell();

        IEnumerable<string> shown = Items(Get(GetHelp(shell, name), "parameters.parameter")).Select(parameter => string.Join(
            '\n',
            Get(parameter, "name"),
            Get(parameter, "type.name"),
            Get(parameter, "aliases"),
            Get(parameter, "required"),
            Get(parameter, "position"),
            Get(parameter, "pipelineInput"),
            Get(parameter, "globbing"),
            Get(parameter, "defaultValue"),
            Text(Get(parameter, "description"))));

        Assert.Equal(new HelpPage(name).Parameters.Select(parameter => string.Join(
            '\n',
            parameter.Name,
            parameter.Yaml["Type"],
            parameter.Aliases.Any() ? string.Join(", ", parameter.Aliases) : "none",
            parameter.Sets.Any(set => set["IsRequired"] == "true") ? "true" : "false",
            parameter.Sets.First()["Position"],
            (parameter.Sets.Any(set => set["ValueFromPipeline"] == "true"), parameter.Sets.Any(set => set["ValueFromPipelineByPropertyName"] == "true")) switch
            {
                (true, true) => "true (ByValue, ByPropertyName)",
                (true, false) => "true (ByValue)",
                (false, true) => "true (ByPropertyName)",
                _ => "false",
            },
            parameter.Yaml["SupportsWildcards"],
            parameter.Yaml["DefaultValue"],
            parameter.Description)),
            shown);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Help_says_of_the_cmdlet_what_the_page_says(string name)
    {
        using var shell = new Shell();
        PSObject help = GetHelp(shell, name);
        var page = new HelpPage(name);

        Assert.Equal(page.Synopsis, Get(help, "Synopsis"));
        Assert.Equal(page.Description, Text(Get(help, "description")));
        Assert.Equal(page.Notes, Text(Get(help, "alertSet.alert")));
        Assert.Equal(page.Inputs, Types("inputTypes.inputType"));
        Assert.Equal(page.Outputs, Types("returnValues.returnValue"));
        Assert.Equal(
            page.Links.Select(link => (link, string.Empty)).Prepend(("Online Version", page.Metadata["HelpUri"])),
            Items(Get(help, "relatedLinks.navigationLink")).Select(link => ($"{Get(link, "linkText")}", $"{Get(link, "uri")}")));

        Dictionary<string, string> Types(string path) =>
            Items(Get(help, path)).ToDictionary(type => $"{Get(type, "type.name")}".Trim(), type => Text(Get(type, "description")));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Help_has_the_examples_of_the_page(string name)
    {
        using var shell = new Shell();
        var page = new HelpPage(name);

        IEnumerable<string> shown = Items(Get(GetHelp(shell, name), "examples.example")).Select(example => string.Join(
            '\n', $"{Get(example, "title")}".Trim('-', ' '), Text(Get(example, "introduction")), Get(example, "code"), Text(Get(example, "remarks"))));

        Assert.Equal(
            page.Examples.Select(example => string.Join(
                '\n',
                example.Title,
                example.Before,
                example.Code,
                string.Join("\n\n", Remarks(example.Output, example.After).Where(text => text.Length > 0)))),
            shown);
        Assert.True(page.Examples.Count >= 3, $"{name} has {page.Examples.Count} examples.");
        Assert.All(page.Examples, (example, i) => Assert.StartsWith($"Example {i + 1}: ", example.Title, StringComparison.Ordinal));

        static string[] Remarks(string output, string after) => output.Length > 0 ? ["Output:", output, after] : [after];
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_says_what_to_do_about_each_error(string name)
    {
        using var shell = new Shell();

        IEnumerable<string> ids = shell.Run("[EquinixOtp.MetalErrorId].GetFields().Name").Success.Cast<string>();
        string[] explained = [.. ErrorItem().Matches(new HelpPage(name).Notes).Select(item => item.Groups[1].Value)];

        Assert.Equal(ids.Except(name == "Confirm-MetalOtp" ? [MetalErrorIds.AmbiguousIdentity] : s_otpErrors), explained);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Page_and_cmdlet_lead_to_the_same_place_online(string name)
    {
        using var shell = new Shell();
        var page = new HelpPage(name);

        Assert.Equal(page.Metadata["HelpUri"], Assert.Single(shell.Run($"(Get-Command {name}).HelpUri").Success));
        Assert.Equal(Uri.UriSchemeHttps, new Uri(page.Metadata["HelpUri"]).Scheme);
        Assert.Equal(name, page.Metadata["title"]);
        Assert.Equal("EquinixOtp", page.Metadata["Module Name"]);
        Assert.Equal("EquinixOtp.dll-Help.xml", page.Metadata["external help file"]);
    }

    [Fact]
    public void Pages_say_the_same_of_the_parameters_that_all_cmdlets_share()
    {
        HelpPage[] pages = [.. HelpPage.Names.Select(name => new HelpPage(name))];

        foreach (IGrouping<string, HelpParameter> parameter in pages.SelectMany(page => page.Parameters).GroupBy(p => p.Name).Where(p => p.Count() == pages.Length))
        {
            Assert.Single(parameter.Select(p => p.Description).Distinct());
        }

        Assert.Equal(8, pages[0].Parameters.Count(parameter => pages.All(page => page.Parameters.Any(p => p.Name == parameter.Name))));
    }

    [Fact]
    public void Pages_name_the_variables_that_are_read()
    {
        IReadOnlyList<HelpParameter> parameters = new HelpPage("Get-MetalRecoveryCode").Parameters;

        Assert.All(
            ["METAL_AUTH_TOKEN", "METAL_API_TOKEN", "PACKET_AUTH_TOKEN"],
            variable => Assert.Contains(variable, parameters.Single(parameter => parameter.Name == "Token").Description, StringComparison.Ordinal));
        Assert.Contains("METAL_API_URL", parameters.Single(parameter => parameter.Name == "ApiUrl").Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_of_the_module_is_about_this_module_and_its_cmdlets()
    {
        using var shell = new Shell();
        var module = Assert.IsType<PSModuleInfo>(Assert.Single(shell.Run("Get-Module EquinixOtp").Success));
        string[] parts = HelpPage.Read("EquinixOtp.md").Split("---\n", 3);
        Dictionary<string, string> sections = HelpPage.Split(parts[2], "## ");

        Assert.Equal($"{module.Guid}", HelpPage.Yaml(parts[1])["Module Guid"]);
        Assert.Equal(module.Description, sections["Description"]);
        Assert.Equal(
            HelpPage.Names.ToDictionary(name => $"[{name}]({name}.md)", name => new HelpPage(name).Synopsis),
            HelpPage.Split(sections["EquinixOtp"], "### "));
    }

    [Theory]
    [InlineData("", "METAL_API_URL", false)]
    [InlineData("-Full", "Default value", true)]
    [InlineData("-Detailed", "METAL_API_URL", true)]
    [InlineData("-Examples", "PARAMETERS", false)]
    [InlineData("-Parameter *", "Default value", true)]
    public void Help_is_shown(string how, string text, bool shown)
    {
        foreach (string name in HelpPage.Names)
        {
            using var shell = new Shell();
            var page = new HelpPage(name);

            _ = shell.RunInConsole($"Get-Help {name} {how}").Success;

            Assert.Equal(shown, shell.Host.Text.Contains(text, StringComparison.Ordinal));
            IEnumerable<string> parts = how == "-Examples"
                ? page.Examples.Select(example => example.Title)
                : page.Parameters.Select(parameter => $"-{parameter.Name}");
            Assert.All(parts, part => Assert.Contains(Squeeze(part), Squeeze(shell.Host.Text), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void About_topic_is_found_and_names_every_error_and_variable()
    {
        using var shell = new Shell();

        string topic = $"{Assert.Single(shell.Run("Get-Help about_EquinixOtp").Success)}";

        Assert.All(
            shell.Run("[EquinixOtp.MetalErrorId].GetFields().Name").Success.Cast<string>()
                .Concat(["METAL_AUTH_TOKEN", "METAL_API_TOKEN", "PACKET_AUTH_TOKEN", "METAL_API_URL", .. HelpPage.Names]),
            word => Assert.Contains(word, topic, StringComparison.Ordinal));
        Assert.All(topic.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
    }

    private static CmdletInfo GetCmdlet(Shell shell, string name) => Assert.IsType<CmdletInfo>(Assert.Single(shell.Run($"Get-Command {name}").Success));

    private static PSObject GetHelp(Shell shell, string name)
    {
        using PowerShell powerShell = shell.Create($"Get-Help {name} -Full");
        return Assert.Single(powerShell.Invoke());
    }

    // A nullable property that is null has no default; a token and a URL come from the environment then.
    private static string Default(ParameterMetadata parameter, object instance) => parameter.Name switch
    {
        "Token" => "$env:METAL_AUTH_TOKEN",
        "ApiUrl" => "$env:METAL_API_URL",
        "WhatIf" or "Confirm" => "False",
        _ => $"{instance.GetType().GetProperty(parameter.Name)!.GetValue(instance) ?? "None"}",
    };

    private static object? Get(object? item, string path) =>
        path.Split('.').Aggregate(item, (value, name) => value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value);

    private static object[] Items(object? value) =>
        ((value as PSObject)?.BaseObject ?? value) switch { null => [], object[] items => items, _ => [value!] };

    // Paragraphs, without the empty ones that only make room.
    private static string Text(object? paragraphs) => string.Join(
        "\n\n",
        Items(paragraphs).Select(paragraph => $"{Get(paragraph, "Text") ?? paragraph}".ReplaceLineEndings("\n").Trim()).Where(text => text.Length > 0));

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    [GeneratedRegex(@"^- (\w+): ", RegexOptions.Multiline)]
    private static partial Regex ErrorItem();
}
