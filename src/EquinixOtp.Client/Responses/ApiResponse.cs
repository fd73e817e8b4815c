namespace EquinixOtp.Client.Responses;

/// <summary>A successful response.</summary>
/// <param name="body">The body, in UTF-8.</param>
/// <param name="getRequestId">Reads and redacts the <c>X-Request-Id</c> header.</param>
internal sealed class ApiResponse(byte[] body, Func<string?> getRequestId)
{
    public byte[] Body { get; } = body;

    /// <summary>The <c>X-Request-Id</c>, or null. Read on demand: most results do not contain it.</summary>
    public string? RequestId => getRequestId();
}
