using System.Net;

namespace EquinixOtp.Client;

/// <summary>
/// The one exception of <see cref="MetalOtpClient"/>, cancellation apart. It holds no request, no inner exception and
/// no secret: its texts may be shown and logged as they are.
/// </summary>
public sealed class MetalOtpException : Exception
{
    internal MetalOtpException(MetalOtpErrorKind kind, string message)
        : base(message)
    {
        Kind = kind;
    }

    /// <summary>What went wrong.</summary>
    public MetalOtpErrorKind Kind { get; }

    /// <summary>The status of the answer, or null when none came.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>The API's own messages (<c>error</c> or <c>errors</c>), made safe to show. Empty when it gave none.</summary>
    public IReadOnlyList<string> Errors { get; internal init; } = [];

    /// <summary>The answer's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>How long the API asks to wait (<c>Retry-After</c>, RFC 9110 10.2.3), or null when it doesn't say.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>True when a POST failed in such a way that the API may have done what was asked.</summary>
    public bool MayHaveTakenEffect { get; internal init; }

    /// <summary>True when the retry rules allow another attempt.</summary>
    internal bool IsRetryable { get; init; }
}
