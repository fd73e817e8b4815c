using System.Net;

namespace EquinixOtp.Client;

/// <summary>Sees what a call does, while it does it. Called from any thread, never concurrently for one call.</summary>
public interface IMetalOtpObserver
{
    /// <summary>True when <see cref="AttemptEnded"/> is to be called.</summary>
    bool WantsReports { get; }

    /// <summary>True when the reports are to have <see cref="AttemptReport.Headers"/>.</summary>
    bool WantsHeaders { get; }

    /// <summary>An attempt begins. It takes no longer than <paramref name="timeout"/>.</summary>
    void AttemptStarting(TimeSpan timeout);

    /// <summary>An attempt ended, well or not.</summary>
    void AttemptEnded(AttemptReport report);

    /// <summary>The call waits for <paramref name="delay"/> before it tries again, because of <paramref name="reason"/>.</summary>
    void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason);
}

/// <summary>What one attempt did. Its texts hold no secret and no control characters.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The URL's path with any OTP masked.</param>
/// <param name="Elapsed">How long the attempt took.</param>
public sealed record AttemptReport(string Method, string Path, TimeSpan Elapsed)
{
    /// <summary>The answer's status, or null when none came.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>What went wrong, or null when nothing did.</summary>
    public MetalOtpErrorKind? Error { get; init; }

    /// <summary>The answer's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>The request's headers (<c>&gt; name: value</c>), then the answer's (<c>&lt; name: value</c>), secrets masked.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];
}
