using System.Globalization;
using System.Net;
using System.Text;

namespace EquinixOtp.Client;

/// <summary>Makes text from a server safe to show: this call's secrets masked, nothing that steers a terminal, short.</summary>
internal sealed class SecretText
{
    public const string Mask = "******";
    private const int MaxLength = 500;

    private static readonly char[] s_escapes = ['%', '&'];

    private readonly List<string> _secrets = [];

    public SecretText(params string?[] secrets)
    {
        foreach (string? secret in secrets)
        {
            if (secret is not (null or ""))
            {
                _secrets.Add(secret);
            }
        }

        // The longest first, so that no secret is broken up by one that it contains.
        _secrets.Sort((one, other) => other.Length - one.Length);
    }

    /// <summary>Whether it has nothing that steers a terminal, hides or reorders text, or can't be typed from paper.</summary>
    public static bool IsHarmless(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            // Not asked of each character, which would double the time of reading an answer.
            if (text[i] is not (>= ' ' and <= '~') && IsHarmful(CharUnicodeInfo.GetUnicodeCategory(text, i)))
            {
                return false;
            }

            i += char.IsSurrogatePair(text, i) ? 1 : 0;
        }

        return true;
    }

    public string Clean(string text)
    {
        text = MaskAll(text);
        // A secret in a URL, a URL in another or in a page is escaped, in ways that differ: it is shown, masked, as it was before.
        string unescaped = text;
        for (int i = 0; i < 3 && unescaped.IndexOfAny(s_escapes) >= 0; i++)
        {
            unescaped = WebUtility.HtmlDecode(Uri.UnescapeDataString(unescaped));
            if (MaskAll(unescaped) is var masked && masked != unescaped)
            {
                text = unescaped = masked;
            }
        }

        if (text.Length <= MaxLength && IsHarmless(text))
        {
            return text;
        }

        var clean = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        for (int i = 0; i < text.Length; i++)
        {
            if (clean.Length >= MaxLength)
            {
                clean.Append('…');
                break;
            }

            if (char.IsSurrogatePair(text, i))
            {
                clean.Append(IsHarmful(CharUnicodeInfo.GetUnicodeCategory(text, i)) ? "\uFFFD" : text.Substring(i, 2));
                i++;
            }
            else
            {
                clean.Append(IsHarmful(char.GetUnicodeCategory(text[i])) ? '\uFFFD' : text[i]);
            }
        }

        return clean.ToString();
    }

    private string MaskAll(string text)
    {
        foreach (string secret in _secrets)
        {
            text = Replace(text, secret);
        }

        return text;
    }

    // By hand: .NET keeps the patterns of Regex.Replace in a static cache.
    private static string Replace(string text, string secret)
    {
        int at = text.IndexOf(secret, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        int from = 0;
        for (; at >= 0; at = text.IndexOf(secret, from, StringComparison.OrdinalIgnoreCase))
        {
            masked.Append(text, from, at - from).Append(Mask);
            from = at + secret.Length;
        }

        return masked.Append(text, from, text.Length - from).ToString();
    }

    // Control characters, what reorders or hides text, line breaks of every kind, and half characters.
    private static bool IsHarmful(UnicodeCategory category) => category
        is UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate;
}
