using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>
/// The pages' examples, run as they stand against the emulator: those whose commands the hosted engine has. The Pester suite
/// runs them all.
/// </summary>
[Collection(nameof(EnvironmentTests))]
public sealed partial class HelpExampleTests : IDisposable
{
    // The person at the keyboard, who has a phone.
    private const string ReadHost = """
        function Read-Host {
            param([string] $Prompt, [switch] $AsSecureString)
            $typed = if ($AsSecureString) { '***' } else { @($Account.SmsCodes)[-1] }
            $Host.UI.WriteLine("${Prompt}: $typed")
            if ($AsSecureString) { [System.Net.NetworkCredential]::new('', $Account.Token).SecurePassword } else { $typed }
        }
        """;

    private static readonly string[] s_variables = ["METAL_API_URL", "METAL_AUTH_TOKEN", "METAL_TOTP_SECRET"];

    private readonly string?[] _before = [.. s_variables.Select(Environment.GetEnvironmentVariable)];

    public static TheoryData<string, string> Examples
    {
        get
        {
            using var shell = new Shell();
            _ = shell.Run(ReadHost);
            TheoryData<string, string> examples = [];
            foreach (HelpExample example in HelpPage.Names.SelectMany(name => new HelpPage(name).Examples).Where(example => HasCommands(shell, example)))
            {
                examples.Add(example.Page, example.Title);
            }

            return examples;
        }
    }

    public void Dispose()
    {
        foreach ((string name, string? value) in s_variables.Zip(_before))
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Gives_the_output_that_the_page_shows(string page, string title)
    {
        HelpExample example = new HelpPage(page).Examples.Single(e => e.Title == title);
        await using MetalEmulator emulator = await Emulators.StartAsync();
        EmulatedAccount account = emulator.Accounts[0];
        Environment.SetEnvironmentVariable("METAL_API_URL", emulator.Url.AbsoluteUri);
        Environment.SetEnvironmentVariable("METAL_AUTH_TOKEN", account.Token);
        Environment.SetEnvironmentVariable("METAL_TOTP_SECRET", account.TotpSecret);
        using var shell = new Shell();
        shell["Account"] = account;
        _ = shell.Run(ReadHost).Success;

        _ = shell.RunInConsole(example.Code).Success;

        Assert.Equal(Generalize(example.Output), Generalize(shell.Host.Text));
    }

    [Fact]
    public void Most_examples_run_in_the_hosted_engine() => Assert.InRange(Examples.Count, 12, int.MaxValue);

    private static bool HasCommands(Shell shell, HelpExample example)
    {
        ScriptBlockAst script = Parser.ParseInput(example.Code, out _, out ParseError[] errors);
        Assert.Empty(errors);
        return script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true)
            .All(command => shell.Run($"Get-Command {((CommandAst)command).GetCommandName()}").Errors.Count == 0);
    }

    // What differs from run to run becomes its kind. A host's messages have no prefix here.
    private static string[] Generalize(string output)
    {
        string text = output.Replace("VERBOSE: ", string.Empty, StringComparison.Ordinal);
        (Regex Form, string Kind)[] kinds =
        [
            (Date(), "date"), (Uuid(), "uuid"), (RecoveryCode(), "code"), (Duration(), "duration"), (Port(), "127.0.0.1:port"),
            (Sms(), ": otp"), (Typed(), ": hidden"),
        ];
        foreach ((Regex form, string kind) in kinds)
        {
            text = form.Replace(text, kind);
        }

        return [.. text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }

    [GeneratedRegex(@"\d+/\d+/\d{4} \d+:\d\d:\d\d( [AP]M)? [+-]\d\d:\d\d")]
    private static partial Regex Date();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\b[a-z2-9]{5}-[a-z2-9]{5}\b")]
    private static partial Regex RecoveryCode();

    [GeneratedRegex(@"\b\d+ ms\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\b127\.0\.0\.1:\d+\b")]
    private static partial Regex Port();

    [GeneratedRegex(@": \d{6}$", RegexOptions.Multiline)]
    private static partial Regex Sms();

    [GeneratedRegex(@": \*+$", RegexOptions.Multiline)]
    private static partial Regex Typed();
}
