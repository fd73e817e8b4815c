using System.Management.Automation;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>
/// The one bridge between the pipeline's thread and the client: starts a call, which continues on the thread pool, blocks
/// meanwhile, and writes what the call reports to the cmdlet's streams on the pipeline's thread.
/// </summary>
internal sealed class ApiCall : IMetalOtpObserver, IDisposable
{
    // PowerShell shows one bar an id; this one is the module's.
    private const int ProgressId = 0x07B;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly PSCmdlet _cmdlet;
    private readonly bool _wantsVerbose;
    private readonly Queue<Action> _writes = new();
    private readonly ManualResetEventSlim _news = new();
    private Wait _wait = new("Connecting", DateTime.MaxValue);
    private bool _showsProgress;

    private ApiCall(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        WantsHeaders = IsOn("Debug");

        // With -Debug and no -Verbose, PowerShell asks at each verbose line whether to go on, and fails where it can't ask.
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        bool verboseAsks = WantsHeaders && bound.ContainsKey("Debug") && !bound.ContainsKey("Verbose");
        _wantsVerbose = !verboseAsks && IsOn("Verbose");
    }

    /// <inheritdoc/>
    public bool WantsReports => _wantsVerbose || WantsHeaders;

    /// <inheritdoc/>
    public bool WantsHeaders { get; }

    /// <summary>Runs <paramref name="operation"/> and returns its result, or throws what it throws.</summary>
    /// <param name="cmdlet">The cmdlet whose streams are written to.</param>
    /// <param name="operation">The client's method, which gives the thread back whenever it waits.</param>
    /// <param name="stop">Ends the call; cancelled by the call itself when a stream ends the pipeline.</param>
    /// <exception cref="PipelineStoppedException"><paramref name="stop"/> was cancelled. The operation ends by itself.</exception>
    public static T Run<T>(
        PSCmdlet cmdlet, Func<IMetalOtpObserver, CancellationToken, Task<T>> operation, CancellationTokenSource stop)
    {
        using var call = new ApiCall(cmdlet);
        Task<T> task = operation(call, stop.Token);
        try
        {
            call.WriteUntilDone(task, stop);
            return task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody waits for the task any more, but its failure is to count as seen.
            _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    public void AttemptStarting(TimeSpan timeout) =>
        Volatile.Write(ref _wait, new Wait("Waiting for the API's answer", DateTime.UtcNow + timeout));

    /// <inheritdoc/>
    public void AttemptEnded(AttemptReport report) => Write(() =>
    {
        string outcome = string.Join(" ", new object?[] { (int?)report.StatusCode, report.Error }.OfType<object>());
        string requestId = report.RequestId is null ? string.Empty : $", request id {report.RequestId}";
        string line = $"{report.Method} {report.Path}: {outcome}, {report.Elapsed.TotalMilliseconds:0} ms{requestId}";
        if (_wantsVerbose)
        {
            _cmdlet.WriteVerbose(line);
        }
        else
        {
            _cmdlet.WriteDebug(line);
        }

        foreach (string header in report.Headers)
        {
            _cmdlet.WriteDebug(header);
        }
    });

    /// <inheritdoc/>
    public void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason)
    {
        Volatile.Write(ref _wait, new Wait($"Waiting to try again ({reason})", DateTime.UtcNow + delay));
        if (delay >= s_second)
        {
            Write(ShowProgress);
        }
    }

    /// <summary>Lets go of the event. An operation that nobody waits for any more may still set it.</summary>
    public void Dispose() => _news.Dispose();

    private bool IsOn(string stream) => _cmdlet.MyInvocation.BoundParameters.TryGetValue(stream, out object? value)
        ? ((SwitchParameter)value).IsPresent
        : _cmdlet.SessionState.PSVariable.GetValue(stream + "Preference") is not ActionPreference.SilentlyContinue and not ActionPreference.Ignore;

    private void Write(Action write)
    {
        lock (_writes)
        {
            _writes.Enqueue(write);
        }

        _news.Set();
    }

    private void WriteUntilDone(Task task, CancellationTokenSource stop)
    {
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_news.Set);
        bool isDone;
        do
        {
            if (!_news.Wait(s_second, stop.Token))
            {
                Write(ShowProgress);
            }

            _news.Reset();
            isDone = task.IsCompleted;
            try
            {
                while (NextWrite() is { } write)
                {
                    write();
                }
            }
            catch
            {
                // A stream that ends the pipeline (a stop, or a preference of Stop) must not leave a call behind.
                stop.Cancel();
                throw;
            }
        }
        while (!isDone);

        if (_showsProgress)
        {
            _cmdlet.WriteProgress(Progress("Done", ProgressRecordType.Completed));
        }
    }

    private Action? NextWrite()
    {
        lock (_writes)
        {
            return _writes.Count > 0 ? _writes.Dequeue() : null;
        }
    }

    private void ShowProgress()
    {
        Wait wait = Volatile.Read(ref _wait);
        ProgressRecord progress = Progress(wait.Reason, ProgressRecordType.Processing);
        double seconds = (wait.Until - DateTime.UtcNow).TotalSeconds;
        progress.SecondsRemaining = seconds is >= 0 and < int.MaxValue ? (int)Math.Ceiling(seconds) : -1;
        _showsProgress = true;
        _cmdlet.WriteProgress(progress);
    }

    private ProgressRecord Progress(string status, ProgressRecordType type) =>
        new(ProgressId, _cmdlet.MyInvocation.MyCommand.Name, status) { RecordType = type };

    private sealed record Wait(string Reason, DateTime Until);
}
