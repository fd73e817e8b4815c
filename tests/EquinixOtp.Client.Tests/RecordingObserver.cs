using System.Collections.Concurrent;

namespace EquinixOtp.Client.Tests;

/// <summary>Records the reports of a call.</summary>
internal sealed class RecordingObserver : IMetalOtpObserver
{
    private readonly ConcurrentQueue<TimeSpan> _timeouts = new();
    private readonly ConcurrentQueue<AttemptReport> _reports = new();
    private readonly ConcurrentQueue<(TimeSpan Delay, MetalOtpErrorKind Reason)> _waits = new();

    public bool WantsReports => true;

    public bool WantsHeaders { get; init; } = true;

    public IReadOnlyCollection<TimeSpan> Timeouts => _timeouts;

    public IReadOnlyCollection<AttemptReport> Reports => _reports;

    public IReadOnlyCollection<(TimeSpan Delay, MetalOtpErrorKind Reason)> Waits => _waits;

    /// <summary>Called at the end of each attempt.</summary>
    public Action? Ended { get; init; }

    /// <summary>Called with the delay before each retry.</summary>
    public Action<TimeSpan>? Waiting { get; init; }

    /// <summary>Returns an observer that advances the clock to the end of each delay.</summary>
    public static RecordingObserver Skipping(TestClock clock) => new() { Waiting = delay => _ = clock.AdvanceWhenStartedAsync(delay) };

    public void AttemptStarting(TimeSpan timeout) => _timeouts.Enqueue(timeout);

    public void AttemptEnded(AttemptReport report)
    {
        _reports.Enqueue(report);
        Ended?.Invoke();
    }

    public void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason)
    {
        _waits.Enqueue((delay, reason));
        Waiting?.Invoke(delay);
    }
}
