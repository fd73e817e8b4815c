using System.Net;

namespace EquinixOtp.Client;

/// <summary>Describes one attempt. Its texts contain no secret and no control characters.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The URL with any OTP masked.</param>
/// <param name="Elapsed">The duration of the attempt.</param>
public sealed record AttemptReport(string Method, Uri Url, TimeSpan Elapsed)
{
    /// <summary>The response's status code, or null without a response.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The kind of failure, or null for success.</summary>
    public MetalOtpErrorKind? Error { get; init; }

    /// <summary>The response's <c>X-Request-Id</c>, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>The request's headers (<c>&gt; name: value</c>), then the response's (<c>&lt; name: value</c>), secrets masked.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];
}
