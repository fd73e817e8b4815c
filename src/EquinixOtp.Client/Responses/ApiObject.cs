using System.Text;
using System.Text.Json;

namespace EquinixOtp.Client.Responses;

/// <summary>The properties that the API's JSON objects use: <c>recovery_codes</c>, <c>token</c>, <c>error</c> and <c>errors</c>.</summary>
/// <remarks>
/// Strict JSON (RFC 8259) with a depth limit; a property may occur once; comments are ignored. Read with <see cref="Utf8JsonReader"/>:
/// no serializer, so neither type names in the JSON nor serializer settings have an effect.
/// </remarks>
internal sealed class ApiObject
{
    private const int MaxDepth = 32;

    // Further messages are dropped.
    private const int MaxErrors = 5;

    private ApiObject()
    {
    }

    /// <summary>The strings of <c>recovery_codes</c>; null if it is missing or not an array of strings.</summary>
    public List<string>? RecoveryCodes { get; private set; }

    /// <summary>The string <c>token</c>; null if it is missing or not a string.</summary>
    public string? Token { get; private set; }

    /// <summary>The strings in <c>error</c> and <c>errors</c>, whatever their shape; null if both are missing or null.</summary>
    public List<string>? Errors { get; private set; }

    /// <summary>Parses a JSON object.</summary>
    /// <exception cref="FormatException">The text is not one JSON object; the message says why and quotes nothing.</exception>
    public static ApiObject Parse(ReadOnlySpan<byte> utf8)
    {
        var result = new ApiObject();
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("is not a JSON object");
            }

            var names = new HashSet<string>();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = ReadString(ref json);
                if (!names.Add(name))
                {
                    throw new FormatException("has a property twice");
                }

                json.Read();
                result.ReadValue(name, ref json);
            }

            // Throws if text follows the object.
            json.Read();
            return result;
        }
        catch (JsonException)
        {
            throw new FormatException("is not JSON");
        }
    }

    private void ReadValue(string name, ref Utf8JsonReader json)
    {
        switch (name)
        {
            case "recovery_codes" when json.TokenType == JsonTokenType.StartArray:
                RecoveryCodes = ReadStrings(ref json);
                break;
            case "token" when json.TokenType == JsonTokenType.String:
                Token = ReadString(ref json);
                break;
            case "error" or "errors" when json.TokenType != JsonTokenType.Null:
                AddErrors(ref json);
                break;
            default:
                json.Skip();
                break;
        }
    }

    // Null if an item is not a string.
    private static List<string>? ReadStrings(ref Utf8JsonReader json)
    {
        List<string>? strings = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String)
            {
                strings?.Add(ReadString(ref json));
            }
            else
            {
                strings = null;
                json.Skip();
            }
        }

        return strings;
    }

    // Ruby on Rails, for example, also sends {"errors":{"otp":["is invalid"]}}: every string at any depth is a message.
    private void AddErrors(ref Utf8JsonReader json)
    {
        Errors ??= [];
        int depth = json.CurrentDepth;
        string? name = null;
        do
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = ReadString(ref json);
                    break;
                case JsonTokenType.EndObject:
                    name = null;
                    break;
                case JsonTokenType.String when Errors.Count < MaxErrors:
                    string message = ReadString(ref json);
                    if (!string.IsNullOrWhiteSpace(message))
                    {
                        Errors.Add(name is null ? message : $"{name}: {message}");
                    }

                    break;
            }
        }
        while ((json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || json.CurrentDepth > depth) && json.Read());
    }

    // Utf8JsonReader.GetString throws for a lone surrogate, which JSON permits. It is kept here; redaction replaces it.
    private static string ReadString(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
        {
            return json.GetString()!;
        }

        string raw = Encoding.UTF8.GetString(json.ValueSpan.ToArray());
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            text.Append(raw[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)Convert.ToInt32(raw.Substring(i + 1, 4), 16),
                char other => other,
            });
            i += raw[i] == 'u' ? 4 : 0;
        }

        return text.ToString();
    }
}
