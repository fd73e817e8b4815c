using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace EquinixOtp.Tests;

/// <summary>The ways in which a server may escape a text, and in which a reader may unescape it.</summary>
internal static class Escaping
{
    private static readonly Func<string, string>[] s_decoders =
    [
        Uri.UnescapeDataString,
        text => WebUtility.UrlDecode(text)!,
        text => WebUtility.HtmlDecode(text)!,
        DecodeJson,
    ];

    public static IReadOnlyList<Func<string, string>> Encoders { get; } =
    [
        Uri.EscapeDataString,
        WebUtility.UrlEncode,
        text => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"%{b:x2}")),
        WebUtility.HtmlEncode,
        text => string.Concat(text.Select(c => $"&#{(int)c};")),
        text => string.Concat(text.Select(c => $"&#x{(int)c:X};")),
        text => JsonSerializer.Serialize(text)[1..^1],
        text => string.Concat(text.Select(c => c is '\\' or '/' or '"' ? $@"\{c}" : c.ToString())),
        text => string.Concat(text.Select(c => $@"\u{(int)c:x4}")),
        text => text.ToUpperInvariant(),
    ];

    /// <summary>The text and its forms after .NET's decoders, in any order, up to 200 forms.</summary>
    public static IReadOnlyList<string> FormsOf(string text)
    {
        List<string> forms = [text];
        for (int i = 0; i < forms.Count && forms.Count < 200; i++)
        {
            forms.AddRange(s_decoders.Select(decode => decode(forms[i])).Distinct().Except(forms).ToList());
        }

        return forms;
    }

    // Decodes escapes as in a JSON string. Other text stays unchanged.
    private static string DecodeJson(string text)
    {
        var decoded = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                decoded.Append(text[i]);
            }
            else if (text[i + 1] == 'u'
                && i + 6 <= text.Length
                && ushort.TryParse(text.AsSpan(i + 2, 4), NumberStyles.AllowHexSpecifier, null, out ushort value))
            {
                decoded.Append((char)value);
                i += 5;
            }
            else if ("\"\\/bfnrt".IndexOf(text[i + 1], StringComparison.Ordinal) is >= 0 and int escape)
            {
                decoded.Append("\"\\/\b\f\n\r\t"[escape]);
                i++;
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        return decoded.ToString();
    }
}
