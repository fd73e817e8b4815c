using System.Diagnostics;
using System.Management.Automation;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>
/// The bridge between the pipeline's thread and the client: starts a call, which continues on the thread pool, blocks, and meanwhile
/// writes the call's reports to the cmdlet's streams on the pipeline's thread.
/// </summary>
internal sealed class PipelineBridge : IMetalOtpObserver, IDisposable
{
    // PowerShell shows one progress bar per id.
    private const int ProgressId = 0x07B;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly PSCmdlet _cmdlet;
    private readonly bool _writesVerbose;
    private readonly bool _writesDebug;
    private readonly Queue<Action> _writes = new();
    private readonly ManualResetEventSlim _news = new();
    private Wait _wait = new("Starting", TimeSpan.Zero);
    private bool _showsProgress;

    public PipelineBridge(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        // A stream whose preference is Stop or Inquire can end the pipeline and lose the result of a request that has taken effect.
        _writesDebug = ReadPreference("Debug") == ActionPreference.Continue;
        // With -Debug and without -Verbose, PowerShell asks at each verbose line: the debug stream gets them instead.
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        bool verboseAsks = bound.ContainsKey("Debug") && !bound.ContainsKey("Verbose");
        _writesVerbose = ReadPreference("Verbose") == ActionPreference.Continue && !(verboseAsks && _writesDebug);
    }

    /// <inheritdoc/>
    public bool WantsReports => _writesVerbose || _writesDebug;

    /// <inheritdoc/>
    public bool WantsHeaders => _writesDebug;

    /// <summary>Runs <paramref name="operation"/> and returns its result, or throws its exception.</summary>
    /// <param name="client">The client.</param>
    /// <param name="operation">An asynchronous operation of the client.</param>
    /// <param name="stop">Stops the operation; cancelled here when a stream ends the pipeline.</param>
    /// <exception cref="PipelineStoppedException"><paramref name="stop"/> was cancelled. The operation ends by itself.</exception>
    public T Run<T>(
        MetalOtpClient client, Func<MetalOtpClient, IMetalOtpObserver, CancellationToken, Task<T>> operation, CancellationTokenSource stop)
    {
        Task<T> task = operation(client, this, stop.Token);
        try
        {
            WriteUntilCompleted(task, stop);
            return task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Observe the exception, so that it does not surface as unobserved.
            _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    public void AttemptStarting(TimeSpan timeout) =>
        Volatile.Write(ref _wait, new Wait("Waiting for the response", timeout, IsTimeout: true));

    /// <inheritdoc/>
    public void AttemptEnded(AttemptReport report)
    {
        string outcome = string.Join(" ", new object?[] { (int?)report.StatusCode, report.Error }.OfType<object>());
        string requestId = report.RequestId is null ? string.Empty : $", request id {report.RequestId}";
        WriteLine($"{report.Method} {report.Url.AbsoluteUri}: {outcome}, {report.Elapsed.TotalMilliseconds:0} ms{requestId}");
        foreach (string header in report.Headers)
        {
            Enqueue(() => _cmdlet.WriteDebug(header));
        }
    }

    /// <inheritdoc/>
    public void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason)
    {
        Volatile.Write(ref _wait, new Wait($"Waiting to retry ({reason})", delay));
        if (WantsReports)
        {
            WriteLine($"Waiting {delay.TotalSeconds:0.#} s to retry: {reason}");
        }

        if (delay >= s_second)
        {
            Enqueue(ShowProgress);
        }
    }

    /// <summary>Disposes the event. A stopped operation can still set it, which then does nothing.</summary>
    public void Dispose() => _news.Dispose();

    private ActionPreference ReadPreference(string stream)
    {
        Dictionary<string, object> bound = _cmdlet.MyInvocation.BoundParameters;
        if (bound.TryGetValue(stream, out object? value) && value is SwitchParameter isOn)
        {
            // Windows PowerShell asks at each line of -Debug.
            return !isOn ? ActionPreference.SilentlyContinue
                : stream == "Debug" && Environment.Version.Major < 5 ? ActionPreference.Inquire
                : ActionPreference.Continue;
        }

        // Of the streams here, only progress has an action parameter: -ProgressAction.
        if (!bound.TryGetValue(stream + "Action", out object? preference))
        {
            preference = _cmdlet.SessionState.PSVariable.GetValue(stream + "Preference");
        }

        return preference is ActionPreference action || LanguagePrimitives.TryConvertTo(preference, out action)
            ? action
            : ActionPreference.Continue;
    }

    private void WriteLine(string line) => Enqueue(() =>
    {
        if (_writesVerbose)
        {
            _cmdlet.WriteVerbose(line);
        }
        else
        {
            _cmdlet.WriteDebug(line);
        }
    });

    private void Enqueue(Action write)
    {
        lock (_writes)
        {
            _writes.Enqueue(write);
        }

        _news.Set();
    }

    private void WriteUntilCompleted(Task task, CancellationTokenSource stop)
    {
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_news.Set);
        bool isCompleted;
        do
        {
            if (!_news.Wait(s_second, stop.Token))
            {
                ShowProgress();
            }

            _news.Reset();
            isCompleted = task.IsCompleted;
            try
            {
                while (Dequeue() is { } write)
                {
                    write();
                }
            }
            catch
            {
                // A stream that ends the pipeline also ends the call.
                stop.Cancel();
                throw;
            }
        }
        while (!isCompleted);

        if (_showsProgress)
        {
            _cmdlet.WriteProgress(CreateProgress("Completed", ProgressRecordType.Completed));
        }
    }

    private Action? Dequeue()
    {
        lock (_writes)
        {
            return _writes.Count > 0 ? _writes.Dequeue() : null;
        }
    }

    private void ShowProgress()
    {
        if (ReadPreference("Progress") != ActionPreference.Continue)
        {
            return;
        }

        Wait wait = Volatile.Read(ref _wait);
        var elapsed = TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - wait.Start) / (double)Stopwatch.Frequency);
        double seconds = Math.Ceiling(Math.Max(0, (wait.Limit - elapsed).TotalSeconds));
        ProgressRecord progress = CreateProgress(
            wait.IsTimeout ? $"{wait.Reason}; timeout in {seconds:0} s" : wait.Reason, ProgressRecordType.Processing);
        // SecondsRemaining is an estimate, and a timeout is not one.
        progress.SecondsRemaining = wait.IsTimeout ? -1 : (int)seconds;
        _showsProgress = true;
        _cmdlet.WriteProgress(progress);
    }

    private ProgressRecord CreateProgress(string status, ProgressRecordType type) =>
        new(ProgressId, _cmdlet.MyInvocation.MyCommand.Name, status) { RecordType = type };

    // A wait and its maximum duration.
    private sealed record Wait(string Reason, TimeSpan Limit, bool IsTimeout = false)
    {
        public long Start { get; } = Stopwatch.GetTimestamp();
    }
}
