using System.Net;

namespace EquinixOtp;

/// <summary>
/// The exception of every error of the module's cmdlets. The error record's id tells them apart (see <see cref="MetalErrorId"/>).
/// It contains no request, no inner exception and no secret.
/// </summary>
public sealed class MetalApiException : Exception
{
    internal MetalApiException(string message)
        : base(message)
    {
    }

    /// <summary>The response's status code, or null without a response.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>The API's own messages, redacted and sanitized. Empty if the API sent none.</summary>
    public IReadOnlyList<string> Errors { get; internal init; } = [];

    /// <summary>The response's <c>X-Request-Id</c>, or null. Support asks for it.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>The wait that the API asks for, or null.</summary>
    public TimeSpan? RetryAfter { get; internal init; }
}
