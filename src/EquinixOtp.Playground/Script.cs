using System.Management.Automation;
using System.Management.Automation.Language;

namespace EquinixOtp.Playground;

/// <summary>A command of a script, with what is said before it and what must be true after it.</summary>
internal sealed class Step
{
    /// <summary>The lines of the comments before the command.</summary>
    public List<string> Narration { get; } = [];

    /// <summary>The command's text; empty after a script's last command, where only comments follow.</summary>
    public string Command { get; set; } = string.Empty;

    /// <summary>What the command runs, if that isn't its text.</summary>
    public ScriptBlock? Script { get; init; }

    /// <summary>The expressions that must be true once the command has run.</summary>
    public List<string> Expectations { get; } = [];
}

/// <summary>Takes a script apart into the commands that one would type at a prompt.</summary>
internal static class Script
{
    // A comment that isn't shown: what follows must be true once the command above it has run.
    private const string ExpectationMark = "#?";

    private static readonly string[] s_variablesOfFiles = ["PSScriptRoot", "PSCommandPath"];

    /// <summary>
    /// The script's steps: one a top-level statement. A script that means something else at a prompt, as one with parameters or
    /// a <c>return</c> does, is a single step, without expectations.
    /// </summary>
    /// <exception cref="ParseException">The script isn't PowerShell.</exception>
    public static IReadOnlyList<Step> Parse(string path)
    {
        ScriptBlockAst script = Parser.ParseFile(path, out Token[] tokens, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw new ParseException(errors);
        }

        return IsSeriesOfCommands(script)
            ? Split(script.EndBlock.Statements, tokens)
            : [new Step { Command = $"& '{CodeGeneration.EscapeSingleQuotedStringContent(path)}'", Script = script.GetScriptBlock() }];
    }

    private static bool IsSeriesOfCommands(ScriptBlockAst script) =>
        script is { ParamBlock: null, DynamicParamBlock: null, BeginBlock: null, ProcessBlock: null, CleanBlock: null }
        && script.UsingStatements.Count == 0
        && script.EndBlock is { Unnamed: true, Traps: null }
        && script.Find(ast => ast is ReturnStatementAst, searchNestedScriptBlocks: false) is null
        && script.Find(IsVariableOfFile, searchNestedScriptBlocks: true) is null;

    private static bool IsVariableOfFile(Ast ast) =>
        ast is VariableExpressionAst variable
        && s_variablesOfFiles.Contains(variable.VariablePath.UserPath, StringComparer.OrdinalIgnoreCase);

    private static List<Step> Split(IReadOnlyCollection<StatementAst> statements, Token[] tokens)
    {
        IEnumerable<IScriptExtent> comments = tokens
            .Where(token => token.Kind == TokenKind.Comment)
            .Select(token => token.Extent)
            .Where(comment => !statements.Any(s => IsWithin(comment, s.Extent)));
        var steps = new List<Step>();
        var next = new Step();
        int lastLine = 0;
        foreach (IScriptExtent part in statements.Select(s => s.Extent).Concat(comments).OrderBy(e => e.StartOffset))
        {
            if (!part.Text.StartsWith('#') && !part.Text.StartsWith("<#", StringComparison.Ordinal))
            {
                next.Command = part.Text;
                steps.Add(next);
                next = new();
                lastLine = part.EndLineNumber;
            }
            else if (part.Text.StartsWith(ExpectationMark, StringComparison.Ordinal) && steps.Count > 0)
            {
                steps[^1].Expectations.Add(part.Text[ExpectationMark.Length..].Trim());
            }
            else if (part.StartLineNumber == lastLine)
            {
                steps[^1].Command += $" {part.Text}";
            }
            else
            {
                next.Narration.AddRange(part.Text.ReplaceLineEndings("\n").Split('\n'));
            }
        }

        return next.Narration.Count > 0 ? [.. steps, next] : steps;
    }

    private static bool IsWithin(IScriptExtent part, IScriptExtent whole) =>
        whole.StartOffset <= part.StartOffset && part.EndOffset <= whole.EndOffset;
}
