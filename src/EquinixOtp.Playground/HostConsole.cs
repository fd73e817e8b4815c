using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace EquinixOtp.Playground;

/// <summary>The console as PowerShell's hosts see one: coloured on a terminal, plain elsewhere; every prompt fails.</summary>
internal sealed class HostConsole : PSHostUserInterface
{
    private int _lineEnds = 2;

    public HostConsole()
    {
        SupportsVirtualTerminal = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        PSStyle.Instance.OutputRendering = SupportsVirtualTerminal ? OutputRendering.Ansi : OutputRendering.PlainText;
    }

    public override bool SupportsVirtualTerminal { get; }

    public override PSHostRawUserInterface RawUI { get; } = new HostScreen();

    /// <summary>How many lines of errors have been shown.</summary>
    public int ErrorLines { get; private set; }

    /// <summary>The failure of whatever asks the user something.</summary>
    public static PSInvalidOperationException NotInteractive() =>
        new("The playground asks nothing: give the value as a parameter, and -Confirm:$false where a command would ask for confirmation.");

    /// <summary>Ends the line, if need be, and leaves one line blank, unless it is already.</summary>
    public void WriteBlankLine()
    {
        while (_lineEnds < 2)
        {
            WriteLine();
        }
    }

    /// <summary>Writes a line in a style: an escape sequence of <see cref="PSStyle"/>.</summary>
    public void WriteLine(string style, string text)
    {
        Write(style, text);
        WriteLine();
    }

    /// <summary>Writes in a style: an escape sequence of <see cref="PSStyle"/>.</summary>
    public void Write(string style, string text) => Write($"{style}{text}{PSStyle.Instance.Reset}");

    public override void Write(string value)
    {
        var text = new StringDecorated(value);
        string plain = text.ToString(OutputRendering.PlainText).ReplaceLineEndings("\n");
        int lineEnds = plain.Length - plain.TrimEnd('\n').Length;
        _lineEnds = lineEnds == plain.Length ? _lineEnds + lineEnds : lineEnds;
        Console.Write(SupportsVirtualTerminal ? value : text.ToString(OutputRendering.PlainText));
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(PSStyle.MapColorPairToEscapeSequence(foregroundColor, backgroundColor), value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value)
    {
        ErrorLines++;
        WriteLine(value);
    }

    public override void WriteWarningLine(string message) => WriteLine(PSStyle.Instance.Formatting.Warning, $"WARNING: {message}");

    public override void WriteVerboseLine(string message) => WriteLine(PSStyle.Instance.Formatting.Verbose, $"VERBOSE: {message}");

    public override void WriteDebugLine(string message) => WriteLine(PSStyle.Instance.Formatting.Debug, $"DEBUG: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override string ReadLine() => throw NotInteractive();

    public override SecureString ReadLineAsSecureString() => throw NotInteractive();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw NotInteractive();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw NotInteractive();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw NotInteractive();

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) =>
        throw NotInteractive();
}
