using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EquinixOtp.Emulator.Tests;

/// <summary>A response of the emulator.</summary>
internal sealed class Response(HttpResponseMessage message, string body)
{
    public HttpStatusCode Status => message.StatusCode;

    public HttpResponseHeaders Headers => message.Headers;

    public HttpContentHeaders ContentHeaders => message.Content.Headers;

    public string Body => body;

    public string[] ReadCodes()
    {
        Assert.Equal(HttpStatusCode.OK, Status);
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(Body)!["recovery_codes"];
    }

    public JsonElement ReadJson() => JsonDocument.Parse(Body).RootElement;

    /// <summary>Asserts an error response with messages.</summary>
    public void AssertRejected(HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/json; charset=utf-8", ContentHeaders.ContentType?.ToString());
        string[] errors = ReadJson().GetProperty("errors").Deserialize<string[]>()!;
        Assert.NotEmpty(errors);
        Assert.DoesNotContain(string.Empty, errors);
    }

    public void AssertIs(HttpStatusCode status, string body)
    {
        Assert.Equal(status, Status);
        Assert.Equal(body, Body);
        Assert.Equal("application/json; charset=utf-8", ContentHeaders.ContentType?.ToString());
    }

    public void AssertUnauthorized() => AssertIs(HttpStatusCode.Unauthorized, """{"error":"Invalid authentication token"}""");

    public void AssertInvalidOtp() => AssertIs(HttpStatusCode.FailedDependency, """{"errors":["Invalid OTP"]}""");

    public void AssertNotFound() => AssertIs(HttpStatusCode.NotFound, """{"errors":["Not found"]}""");

    public void AssertNoContent()
    {
        Assert.Equal(HttpStatusCode.NoContent, Status);
        Assert.Empty(Body);
    }
}
