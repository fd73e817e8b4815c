using System.Net;

namespace EquinixOtp;

/// <summary>
/// Every failure of the module's cmdlets. Which one it is, is the error record's id (see <see cref="MetalErrorId"/>).
/// It holds no request, no inner exception and no secret.
/// </summary>
public sealed class MetalApiException : Exception
{
    internal MetalApiException(string message)
        : base(message)
    {
    }

    /// <summary>The status of the API's answer, or null when none came.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>The API's own messages, made safe to show. Empty when it gave none.</summary>
    public IReadOnlyList<string> Errors { get; internal init; } = [];

    /// <summary>The answer's <c>X-Request-Id</c>, or null: what support asks for.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>How long the API asks to wait, or null when it doesn't say.</summary>
    public TimeSpan? RetryAfter { get; internal init; }
}
