using System.Text;

namespace EquinixOtp.Tests;

/// <summary>Responses as HTTP/1.1 text.</summary>
internal static class Response
{
    public const string Codes = """{"recovery_codes":["alpha-1","beta-2"]}""";
    public const string Error = """{"errors":["No"]}""";
    public const string NoContent = "HTTP/1.1 204 No Content\r\n\r\n";

    /// <summary>A response that every operation accepts.</summary>
    public static string Good { get; } = Json(200, Codes);

    public static string Json(int status, string body, params string[] headers) =>
        Create(status, body, ["Content-Type: application/json; charset=utf-8", .. headers]);

    public static string Create(int status, string body = "", params string[] headers) =>
        $"HTTP/1.1 {status} Status\r\n{string.Concat(headers.Select(header => header + "\r\n"))}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
