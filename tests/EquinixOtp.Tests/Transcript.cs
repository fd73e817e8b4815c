using System.Management.Automation.Host;
using System.Reflection;

namespace EquinixOtp.Tests;

/// <summary>A transcript of a shell. The hosted engine lacks Start-Transcript, but has the method that it calls.</summary>
internal sealed class Transcript : IAsyncDisposable
{
    private const string LastLine = "The end of the transcript";

    private readonly Shell _shell;
    private readonly string _path = Path.GetTempFileName();

    private Transcript(Shell shell) => _shell = shell;

    public static async Task<Transcript> StartAsync(Shell shell)
    {
        var transcript = new Transcript(shell);
        await transcript.CallAsync("StartTranscribing", transcript._path, null, false, false);
        return transcript;
    }

    /// <summary>Returns the text so far. PowerShell writes it on another thread.</summary>
    public async Task<string> ReadAsync()
    {
        _ = (await _shell.RunAsync($"'{LastLine}'")).Success;
        string text = string.Empty;
        await Condition.IsTrueAsync(() =>
        {
            using var reader = new StreamReader(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text = reader.ReadToEnd();
            return text.Contains($"\n{LastLine}", StringComparison.Ordinal);
        });
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await CallAsync("StopTranscribing");
        File.Delete(_path);
    }

    private async Task CallAsync(string method, params object?[] arguments)
    {
        _shell["method"] = typeof(PSHostUserInterface).GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic);
        _shell["arguments"] = arguments;
        _ = (await _shell.RunAsync("$null = $method.Invoke($Host.UI, $arguments)")).Success;
    }
}
