using System.Globalization;
using System.Text;

namespace EquinixOtp.Client;

/// <summary>Makes text from a server safe to show: this call's secrets masked, nothing that steers a terminal, short.</summary>
internal sealed class SecretText
{
    public const string Mask = "******";
    private const int MaxLength = 500;

    private readonly List<string> _secrets = [];

    public SecretText(params string?[] secrets)
    {
        foreach (string? secret in secrets)
        {
            // As it is, as the call's URL has it, and as a URL that quotes the call's has that.
            string? form = secret;
            for (int i = 0; i < 3 && form is not (null or "") && !_secrets.Contains(form); i++)
            {
                _secrets.Add(form);
                form = Uri.EscapeDataString(form);
            }
        }

        // The longest first, so that no secret is broken up by one that it contains.
        _secrets.Sort((one, other) => other.Length - one.Length);
    }

    public string Clean(string text)
    {
        foreach (string secret in _secrets)
        {
            text = Replace(text, secret);
        }

        if (text.Length <= MaxLength && text.All(c => c is >= ' ' and <= '~'))
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
