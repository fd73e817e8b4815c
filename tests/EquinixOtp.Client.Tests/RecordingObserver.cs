using System.Collections.Concurrent;

namespace EquinixOtp.Client.Tests;

/// <summary>Keeps all that a call reports.</summary>
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

    /// <summary>Called with the delay of every wait.</summary>
    public Action<TimeSpan>? Waiting { get; init; }

    /// <summary>An observer that lets every wait of a call end at once.</summary>
    public static RecordingObserver Skipping(TestClock clock) => new() { Waiting = delay => _ = clock.AdvanceWhenDueAsync(delay) };

    public void AttemptStarting(TimeSpan timeout) => _timeouts.Enqueue(timeout);

    public void AttemptEnded(AttemptReport report) => _reports.Enqueue(report);

    public void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason)
    {
        _waits.Enqueue((delay, reason));
        Waiting?.Invoke(delay);
    }
}
