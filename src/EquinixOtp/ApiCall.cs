using System.Collections.Concurrent;
using System.Management.Automation;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>
/// The one bridge between the pipeline's thread and the client: runs a call on the thread pool, blocks meanwhile, and
/// writes what the call reports to the cmdlet's streams on the pipeline's thread.
/// </summary>
internal sealed class ApiCall : IMetalOtpObserver
{
    // PowerShell shows one bar an id; this one is the module's.
    private const int ProgressId = 0x07B;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly Cmdlet _cmdlet;
    private readonly string _activity;
    private readonly BlockingCollection<Action> _writes = [];
    private Wait _wait = new("Connecting", DateTime.MaxValue);
    private bool _showsProgress;

    private ApiCall(Cmdlet cmdlet, string activity, bool wantsHeaders)
    {
        _cmdlet = cmdlet;
        _activity = activity;
        WantsHeaders = wantsHeaders;
    }

    /// <inheritdoc/>
    public bool WantsHeaders { get; }

    /// <summary>Runs <paramref name="operation"/> and returns its result, or throws what it throws.</summary>
    /// <exception cref="PipelineStoppedException"><paramref name="stop"/> was cancelled. The operation ends by itself.</exception>
    public static T Run<T>(
        Cmdlet cmdlet, string activity, bool wantsHeaders, Func<IMetalOtpObserver, CancellationToken, Task<T>> operation, CancellationToken stop)
    {
        var call = new ApiCall(cmdlet, activity, wantsHeaders);
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<T> task = Task.Run(() => operation(call, abandon.Token), CancellationToken.None);
        _ = task.ContinueWith(_ => call._writes.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            call.WriteUntilDone(stop);
            return task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            // A stream that throws (a stop, or a preference of Stop) must not leave a call behind.
            abandon.Cancel();
            _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void AttemptStarting(TimeSpan timeout) =>
        Volatile.Write(ref _wait, new Wait("Waiting for the API's answer", DateTime.UtcNow + timeout));

    /// <inheritdoc/>
    public void AttemptEnded(AttemptReport report) => _writes.Add(() =>
    {
        string outcome = string.Join(" ", new object?[] { (int?)report.StatusCode, report.Error }.OfType<object>());
        string requestId = report.RequestId is null ? string.Empty : $", request id {report.RequestId}";
        _cmdlet.WriteVerbose($"{report.Method} {report.Path}: {outcome}, {report.Elapsed.TotalMilliseconds:0} ms{requestId}");
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
            _writes.Add(ShowProgress);
        }
    }

    private void WriteUntilDone(CancellationToken stop)
    {
        while (!_writes.IsCompleted)
        {
            if (_writes.TryTake(out Action? write, (int)s_second.TotalMilliseconds, stop))
            {
                write();
            }
            else if (!_writes.IsCompleted)
            {
                ShowProgress();
            }
        }

        if (_showsProgress)
        {
            _cmdlet.WriteProgress(new ProgressRecord(ProgressId, _activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void ShowProgress()
    {
        Wait wait = Volatile.Read(ref _wait);
        double seconds = (wait.Until - DateTime.UtcNow).TotalSeconds;
        _showsProgress = true;
        _cmdlet.WriteProgress(new ProgressRecord(ProgressId, _activity, wait.Reason)
        {
            SecondsRemaining = seconds is >= 0 and < int.MaxValue ? (int)Math.Ceiling(seconds) : -1,
        });
    }

    private sealed record Wait(string Reason, DateTime Until);
}
