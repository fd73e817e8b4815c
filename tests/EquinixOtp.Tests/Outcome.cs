namespace EquinixOtp.Tests;

/// <summary>The streams of a script.</summary>
internal sealed class Outcome(IEnumerable<PSObject?> output, PowerShell powerShell, RuntimeException? thrown)
{
    public IReadOnlyList<object?> Output { get; } = [.. output.Select(item => item?.BaseObject)];

    /// <summary>The error stream, then the error that ended the script, if any.</summary>
    public IReadOnlyList<ErrorRecord> Errors { get; } =
        [.. powerShell.Streams.Error, .. thrown is null ? Array.Empty<ErrorRecord>() : [thrown.ErrorRecord]];

    public IReadOnlyList<string> Verbose { get; } = [.. powerShell.Streams.Verbose.Select(record => record.Message)];

    public IReadOnlyList<string> Debug { get; } = [.. powerShell.Streams.Debug.Select(record => record.Message)];

    public IReadOnlyList<ProgressRecord> Progress { get; } = [.. powerShell.Streams.Progress];

    public IReadOnlyList<string> Others { get; } =
        [.. powerShell.Streams.Warning.Select(record => record.Message), .. powerShell.Streams.Information.Select(record => $"{record}")];

    /// <summary>The output; asserts that there are no errors.</summary>
    public IReadOnlyList<object?> Success
    {
        get
        {
            Assert.Empty(Errors);
            return Output;
        }
    }

    /// <summary>The ids of the errors, without the command's name.</summary>
    public IEnumerable<string> ErrorIds => Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]);
}
