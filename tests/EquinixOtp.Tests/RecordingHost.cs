using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation.Host;
using System.Security;

namespace EquinixOtp.Tests;

/// <summary>A host that records its text, and answers prompts from a list.</summary>
internal sealed class RecordingHost : PSHost
{
    private readonly RecordingUI _ui = new();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Tests";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = new(1, 0);

    /// <summary>All text, in order.</summary>
    public string Text => string.Concat(_ui.Texts);

    /// <summary>The prompts shown.</summary>
    public IReadOnlyCollection<string> Prompts => _ui.Prompts;

    /// <summary>Adds an answer for a prompt. A prompt without one fails the script.</summary>
    public void AnswerNext(string label) => _ui.Choices.Enqueue(label);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class RecordingUI : PSHostUserInterface
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public ConcurrentQueue<string> Prompts { get; } = [];

        public ConcurrentQueue<string> Choices { get; } = [];

        // Without a raw UI, formatting uses a width of 120.
        public override PSHostRawUserInterface? RawUI => null;

        // Removes colours, like a host without a terminal.
        public override void Write(string value) => Texts.Enqueue(GetOutputString(value, supportsVirtualTerminal: false));

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteDebugLine(string message) => WriteLine(message);

        public override void WriteVerboseLine(string message) => WriteLine(message);

        public override void WriteWarningLine(string message) => WriteLine(message);

        public override void WriteProgress(long sourceId, ProgressRecord record) =>
            WriteLine($"{record.Activity} {record.StatusDescription}");

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            WriteLine($"{caption}\n{message}");
            Prompts.Enqueue(message);
            return Choices.TryDequeue(out string? answer)
                ? choices.IndexOf(choices.Single(choice => choice.Label.Replace("&", string.Empty, StringComparison.Ordinal) == answer))
                : throw new InvalidOperationException("The test expects no prompt.");
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options) =>
            throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();
    }
}
