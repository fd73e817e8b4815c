using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>A command's page in <c>docs/en-US</c>, taken apart.</summary>
internal sealed partial class HelpPage
{
    private readonly Dictionary<string, string> _sections;

    public HelpPage(string name)
    {
        Name = name;
        string[] parts = Read($"{name}.md").Split("---\n", 3);
        Metadata = Yaml(parts[1]);
        _sections = Split(parts[2], "## ");
        Assert.Equal(
            ["SYNOPSIS", "SYNTAX", "ALIASES", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"],
            _sections.Keys);
        Syntax = Split(_sections["SYNTAX"], "### ");
        Examples = [.. Split(_sections["EXAMPLES"], "### ").Select(example => new HelpExample(name, example.Key, example.Value))];
        Parameters = [.. Split(_sections["PARAMETERS"], "### ").Where(p => p.Key != "CommonParameters").Select(p => new HelpParameter(p.Key.TrimStart('-'), p.Value))];
        Inputs = Split(_sections["INPUTS"], "### ");
        Outputs = Split(_sections["OUTPUTS"], "### ");
        Links = [.. LinkText().Matches(_sections["RELATED LINKS"]).Select(link => link.Groups[1].Value)];
    }

    public static string[] Names { get; } = ["Confirm-MetalOtp", "Get-MetalRecoveryCode", "Reset-MetalRecoveryCode", "Send-MetalOtpSms"];

    public string Name { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public string Synopsis => _sections["SYNOPSIS"];

    public string Description => _sections["DESCRIPTION"];

    public string Notes => _sections["NOTES"];

    /// <summary>The syntax of each parameter set, by the set's heading.</summary>
    public IReadOnlyDictionary<string, string> Syntax { get; }

    public IReadOnlyList<HelpExample> Examples { get; }

    public IReadOnlyList<HelpParameter> Parameters { get; }

    /// <summary>What is said of each type that goes in.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; }

    /// <summary>What is said of each type that comes out.</summary>
    public IReadOnlyDictionary<string, string> Outputs { get; }

    public IReadOnlyList<string> Links { get; }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Checkout.Root, "docs", "en-US", file)).ReplaceLineEndings("\n");

    /// <summary>The texts under each heading of a level, by heading.</summary>
    public static Dictionary<string, string> Split(string text, string heading) =>
        $"\n{text}".Split($"\n{heading}").Skip(1).Select(part => part.Split('\n', 2)).ToDictionary(part => part[0].Trim(), part => part[1].Trim());

    /// <summary>The top-level keys of a block of YAML. A list is its lines.</summary>
    public static Dictionary<string, string> Yaml(string block) =>
        YamlEntry().Matches(block).ToDictionary(entry => entry.Groups[1].Value, entry => entry.Groups[2].Value.Trim().Trim('\''));

    // A key, and all up to the next one: what is a list's or indented belongs to it.
    [GeneratedRegex(@"^([A-Za-z][\w. ]*):(.*(?:\n[- ].*)*)$", RegexOptions.Multiline)]
    private static partial Regex YamlEntry();

    [GeneratedRegex(@"^- \[(.+?)\]", RegexOptions.Multiline)]
    private static partial Regex LinkText();
}

/// <summary>An example of a page: what is said before it, what is typed, what comes of it, what is said after it.</summary>
internal sealed partial class HelpExample
{
    public HelpExample(string page, string title, string text)
    {
        Page = page;
        Title = title;
        Match match = Form().Match(text);
        Assert.True(match.Success, $"{title} of {page} is not text, code and output.");
        (Before, Code, Output, After) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value);
    }

    public string Page { get; }

    public string Title { get; }

    public string Before { get; }

    public string Code { get; }

    public string Output { get; }

    public string After { get; }

    [GeneratedRegex(@"\A(.+?)\s*```powershell\n(.+?)\s*```\s*(?:```Output\n(.+?)\s*```\s*)?(.*)\z", RegexOptions.Singleline)]
    private static partial Regex Form();
}

/// <summary>A parameter of a page.</summary>
internal sealed class HelpParameter
{
    public HelpParameter(string name, string text)
    {
        string[] parts = text.Split("```yaml\n");
        Name = name;
        Description = parts[0].Trim();
        Yaml = HelpPage.Yaml(parts[1].Split("```")[0]);
    }

    public string Name { get; }

    public string Description { get; }

    public IReadOnlyDictionary<string, string> Yaml { get; }

    public IEnumerable<string> Aliases => Yaml["Aliases"] == "[]" ? [] : Yaml["Aliases"].Split("- ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The parameter sets: a key and its value each.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string>> Sets =>
        Yaml["ParameterSets"].Split("- ", StringSplitOptions.RemoveEmptyEntries).Select(set => HelpPage.Yaml(set.Replace("\n  ", "\n", StringComparison.Ordinal)));
}
