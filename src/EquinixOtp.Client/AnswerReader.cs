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

    /// <summary>A <c>RecoveryCodeList</c>.</summary>
    /// <exception cref="FormatException">It isn't one; the message says why and quotes nothing.</exception>
    public static async Task<IReadOnlyList<string>> ReadRecoveryCodesAsync(
        HttpContent content, string? requestId, CancellationToken cancellationToken)
    {
        ArraySegment<byte> body = await ReadBodyAsync(content, cancellationToken).ConfigureAwait(false);
        return Parse(body) is JObject root && root["recovery_codes"] is JArray codes && codes.All(IsCode)
            ? codes.Select(code => (string)code!).ToArray()
            : throw new FormatException("has no list of recovery codes");
    }

    /// <summary>A verification, with the <c>token</c> of the answer: it need not have one, nor be JSON at all.</summary>
    /// <exception cref="FormatException">It is too long; the message says so.</exception>
    public static async Task<OtpVerification> ReadVerificationAsync(
        HttpContent content, string? requestId, CancellationToken cancellationToken)
    {
        ArraySegment<byte> body = await ReadBodyAsync(content, cancellationToken).ConfigureAwait(false);
        string? token = TryParse(body) is JObject root && root["token"] is JValue { Value: string { Length: > 0 } text } ? text : null;
        return new OtpVerification(token, requestId);
    }

    /// <summary>The messages of the API's <c>Error</c>, in <c>error</c> or <c>errors</c>. None when it is something else.</summary>
    /// <exception cref="FormatException">It is too long; the message says so.</exception>
    public static async Task<IEnumerable<string>> ReadErrorsAsync(HttpContent content, CancellationToken cancellationToken)
    {
        ArraySegment<byte> body = await ReadBodyAsync(content, cancellationToken).ConfigureAwait(false);
        return TryParse(body) is JObject root
            ? new[] { root["error"] }.Concat(root["errors"] as JArray ?? []).OfType<JValue>().Select(value => value.Value).OfType<string>()
            : [];
    }

    private static JToken? TryParse(ArraySegment<byte> body)
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

    private static JToken Parse(ArraySegment<byte> body)
    {
        try
        {
            // A byte order mark is none of JSON's, but RFC 8259 lets a reader overlook it.
            using var text = new StringReader(s_utf8.GetString(body.Array, 0, body.Count).TrimStart('\uFEFF'));
            // No serializer is involved, so neither type names in the JSON nor JsonConvert.DefaultSettings play a part.
            using var json = new JsonTextReader(text) { MaxDepth = MaxDepth, DateParseHandling = DateParseHandling.None };
            var root = JToken.Load(json, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            return json.Read() ? throw new FormatException("has more than one JSON value") : root;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw new FormatException("is not JSON");
        }
    }

    // A control character can't be typed from paper, and could steer the terminal that shows the code.
    private static bool IsCode(JToken token) => token is JValue { Value: string text } && !text.Any(char.IsControl);

    // Throws IOException or HttpRequestException when the connection fails.
    private static async Task<ArraySegment<byte>> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
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

        return new ArraySegment<byte>(buffer, 0, length);
    }
}
