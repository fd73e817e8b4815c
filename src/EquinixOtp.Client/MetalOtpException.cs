using System.Net;

namespace EquinixOtp.Client;

/// <summary>
/// The only exception of <see cref="MetalOtpClient"/> apart from cancellation. It contains no request, no inner exception and
/// no secret: its texts can be shown and logged unchanged.
/// </summary>
public sealed class MetalOtpException : Exception
{
    internal MetalOtpException(MetalOtpErrorKind kind, string message)
        : base(message)
    {
        Kind = kind;
    }

    /// <summary>The kind of failure.</summary>
    public MetalOtpErrorKind Kind { get; }

    /// <summary>The response's status code, or null without a response.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>The API's own messages (<c>error</c> or <c>errors</c>), redacted and sanitized. Empty if the API sent none.</summary>
    public IReadOnlyList<string> Errors { get; internal init; } = [];

    /// <summary>The response's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>The wait that the API asks for (<c>Retry-After</c>, RFC 9110 section 10.2.3), or null.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>Whether the request was a POST that may have taken effect although it failed.</summary>
    public bool MayHaveTakenEffect { get; internal init; }

    /// <summary>Whether another attempt is safe and may succeed.</summary>
    internal bool IsRetryable { get; init; }
}
