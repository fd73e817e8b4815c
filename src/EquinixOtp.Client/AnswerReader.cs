using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace EquinixOtp.Client;

/// <summary>Reads an answer's body, no further than a limit, as one of the shapes that the API knows.</summary>
internal static class AnswerReader
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 32;

    // The text is refused, not mended, when it isn't UTF-8.
    private static readonly Encoding s_utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The body, or null when it isn't UTF-8.</summary>
    /// <exception cref="FormatException">It is too long; the message says so.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    public static async Task<string?> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        const string TooLong = "is longer than 1 MiB";
        if (content.Headers.ContentLength > MaxBytes)
        {
            throw new FormatException(TooLong);
        }

        // One byte more than is announced, so that the end is seen without another buffer.
        byte[] buffer = new byte[(content.Headers.ContentLength ?? 4095) + 1];
        int length = 0;
        using Stream stream = await content.ReadAsStreamAsync().ConfigureAwait(false);
        // .NET Framework's stream doesn't look at the token while it waits; closing it is what ends the wait.
        using CancellationTokenRegistration close = cancellationToken.Register(stream.Dispose);
        int count;
        while ((count = await stream.ReadAsync(buffer, length, buffer.Length - length, cancellationToken).ConfigureAwait(false)) > 0)
        {
            length += count;
            if (length > MaxBytes)
            {
                throw new FormatException(TooLong);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }

        try
        {
            return s_utf8.GetString(buffer, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The codes of a <c>RecoveryCodeList</c>.</summary>
    /// <exception cref="FormatException">It isn't one; the message says why and quotes nothing.</exception>
    public static IReadOnlyList<string> RecoveryCodes(string? body) =>
        Parse(body) is JObject root && root["recovery_codes"] is JArray codes && codes.All(IsCode)
            ? codes.Select(code => (string)code!).ToArray()
            : throw new FormatException("has no list of recovery codes");

    /// <summary>The <c>token</c> of a verification, or null: it need not have one, nor be JSON at all.</summary>
    public static string? SessionToken(string? body) =>
        TryParse(body) is JObject root && root["token"] is JValue { Value: string { Length: > 0 } text } ? text : null;

    /// <summary>The messages of the API's <c>Error</c>, in <c>error</c> or <c>errors</c>. None when it is something else.</summary>
    public static IEnumerable<string> Errors(string? body) =>
        TryParse(body) is JObject root
            ? new[] { root["error"] }.Concat(root["errors"] as JArray ?? []).OfType<JValue>().Select(value => value.Value).OfType<string>()
            : [];

    private static JToken? TryParse(string? body)
    {
        try
        {
            return Parse(body);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JToken Parse(string? body)
    {
        try
        {
            // A byte order mark is none of JSON's, but RFC 8259 lets a reader overlook it.
            using var text = new StringReader((body ?? string.Empty).TrimStart('\uFEFF'));
            // No serializer is involved, so neither type names in the JSON nor JsonConvert.DefaultSettings play a part.
            using var json = new JsonTextReader(text) { MaxDepth = MaxDepth, DateParseHandling = DateParseHandling.None };
            var root = JToken.Load(json, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            return json.Read() ? throw new FormatException("has more than one JSON value") : root;
        }
        catch (JsonException)
        {
            throw new FormatException("is not JSON");
        }
    }

    // A control character can't be typed from paper, and could steer the terminal that shows the code.
    private static bool IsCode(JToken token) => token is JValue { Value: string text } && !text.Any(char.IsControl);
}
