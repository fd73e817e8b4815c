using System.Text;
using Newtonsoft.Json;

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
        Parse(body).TryGetValue("recovery_codes", out object? value) && value is List<string?> codes && codes.TrueForAll(code => code is not null && SecretText.IsHarmless(code))
            ? (IReadOnlyList<string>)codes
            : throw new FormatException("has no list of recovery codes");

    /// <summary>The <c>token</c> of a verification, or null: it need not have one, nor be JSON at all.</summary>
    /// <exception cref="FormatException">It is a page, which isn't the API's; the message says so.</exception>
    public static string? SessionToken(string? body) =>
        body?.TrimStart().StartsWith("<", StringComparison.Ordinal) == true ? throw new FormatException("is a page")
        : TryParse(body).TryGetValue("token", out object? value) && value is string { Length: > 0 } token ? token : null;

    /// <summary>The messages of the API's <c>Error</c>, in <c>error</c> or <c>errors</c>. None when it is something else.</summary>
    public static IEnumerable<string> Errors(string? body)
    {
        Dictionary<string, object?> properties = TryParse(body);
        properties.TryGetValue("error", out object? error);
        properties.TryGetValue("errors", out object? errors);
        return new[] { error }.Concat(errors as List<string?> ?? []).OfType<string>();
    }

    private static Dictionary<string, object?> TryParse(string? body)
    {
        try
        {
            return string.IsNullOrEmpty(body) ? [] : Parse(body);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    // The properties of the JSON object that the body is: a string, a list of an array's strings, or null for any other value or
    // item. Read token by token, which costs half of building a tree, and without a serializer, so that neither type names in
    // the JSON nor JsonConvert.DefaultSettings play a part.
    private static Dictionary<string, object?> Parse(string? body)
    {
        var properties = new Dictionary<string, object?>();
        try
        {
            // A byte order mark is none of JSON's, but RFC 8259 lets a reader overlook it.
            using var text = new StringReader(body?.TrimStart('\uFEFF') ?? throw new FormatException("is not UTF-8"));
            using var json = new JsonTextReader(text) { MaxDepth = MaxDepth, DateParseHandling = DateParseHandling.None };
            if (Next(json) != JsonToken.StartObject)
            {
                throw new FormatException("is not a JSON object");
            }

            JsonToken token;
            while ((token = Next(json)) == JsonToken.PropertyName)
            {
                string name = (string)json.Value!;
                if (properties.ContainsKey(name))
                {
                    throw new FormatException("has a property twice");
                }

                properties.Add(name, Next(json) == JsonToken.StartArray ? Items(json) : Text(json));
            }

            // At the text's end the reader stays at its last token, so it is Next that tells.
            return token == JsonToken.EndObject && Next(json) == JsonToken.None
                ? properties
                : throw new FormatException("is not one JSON object");
        }
        catch (JsonException)
        {
            throw new FormatException("is not JSON");
        }
    }

    private static List<string?> Items(JsonTextReader json)
    {
        var items = new List<string?>();
        while (Next(json) is not (JsonToken.EndArray or JsonToken.None))
        {
            items.Add(Text(json));
        }

        return items;
    }

    // The value that the reader is at, which it then is at the end of.
    private static string? Text(JsonTextReader json)
    {
        json.Skip();
        return json.Value as string;
    }

    private static JsonToken Next(JsonTextReader json)
    {
        while (json.Read())
        {
            if (json.TokenType != JsonToken.Comment)
            {
                return json.TokenType;
            }
        }

        return JsonToken.None;
    }
}
