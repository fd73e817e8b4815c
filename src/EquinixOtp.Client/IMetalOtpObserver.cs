namespace EquinixOtp.Client;

/// <summary>Observes the attempts of one call. Its methods are called on any thread, and never concurrently for one call.</summary>
public interface IMetalOtpObserver
{
    /// <summary>Whether to call <see cref="AttemptEnded"/>.</summary>
    bool WantsReports { get; }

    /// <summary>Whether reports include <see cref="AttemptReport.Headers"/>.</summary>
    bool WantsHeaders { get; }

    /// <summary>An attempt starts. It is cancelled after <paramref name="timeout"/>.</summary>
    void AttemptStarting(TimeSpan timeout);

    /// <summary>An attempt ended, with or without success.</summary>
    void AttemptEnded(AttemptReport report);

    /// <summary>The call waits for <paramref name="delay"/> before the next attempt, because of <paramref name="reason"/>.</summary>
    void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason);
}
