using System.Net;

namespace EquinixOtp.Client.Redaction;

/// <summary>
/// Reads one escape of a text: strictly, as .NET does, or leniently, as browsers and others do. Where the two differ, each
/// may see a secret that the other destroys.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Percent-encoding: UTF-8; leniently also overlong, a byte that is not UTF-8 as Latin-1, and <c>%u002B</c>.</item>
/// <item>HTML: decimal, hexadecimal and named references; leniently also without their semicolon.</item>
/// <item>JSON: <c>\u002B</c> and <c>\/</c>; leniently also <c>\x2B</c>, <c>\u{2B}</c> and <c>\U0000002B</c>.</item>
/// </list>
/// </remarks>
internal static class Escapes
{
    // WebUtility knows the names of HTML 4; HTML 5 names all ASCII punctuation. Each entry is a name and its character.
    private static readonly Dictionary<string, char> s_punctuation = (
        "excl! quot\" num# dollar$ percnt% amp& apos' lpar( rpar) ast* midast* plus+ comma, period. sol/ colon: semi; lt< equals= gt> "
        + "quest? commat@ lsqb[ lbrack[ bsol\\ rsqb] rbrack] hat^ lowbar_ underbar_ grave` diacriticalgrave` lcub{ lbrace{ "
        + "verbar| vert| verticalline| rcub} rbrace}")
        .Split(' ')
        .ToDictionary(entry => entry.Substring(0, entry.Length - 1), entry => entry[entry.Length - 1], StringComparer.OrdinalIgnoreCase);

    // HTML accepts these without their semicolon.
    private static readonly string[] s_unterminatedNames = ["amp", "lt", "gt", "quot"];

    /// <summary>The characters that start an escape.</summary>
    public static IReadOnlyList<char> Starts { get; } = ['%', '&', '\\'];

    /// <summary>The length of the escape that starts at <paramref name="at"/>, and its code point; 0 when there is none.</summary>
    public static int Read(string text, int at, bool isLenient, out int codePoint)
    {
        codePoint = 0;
        return text[at] switch
        {
            '%' => ReadPercent(text, at, isLenient, out codePoint),
            '&' => ReadReference(text, at, isLenient, out codePoint),
            '\\' => ReadBackslash(text, at, isLenient, out codePoint),
            _ => 0,
        };
    }

    private static int ReadPercent(string text, int at, bool isLenient, out int codePoint)
    {
        if (isLenient && IsAt(text, at + 1, 'u') && TryReadHex(text, at + 2, 4, out codePoint))
        {
            return 6;
        }

        if (!TryReadHex(text, at + 1, 2, out codePoint))
        {
            return 0;
        }

        if (codePoint < 0x80)
        {
            return 3;
        }

        int continuations = codePoint switch
        {
            >= 0xC0 and <= 0xDF => 1,
            >= 0xE0 and <= 0xEF => 2,
            >= 0xF0 and <= 0xF7 => 3,
            _ => 0,
        };
        int decoded = codePoint & (0x3F >> continuations);
        bool isUtf8 = continuations > 0;
        for (int i = 1; i <= continuations && isUtf8; i++)
        {
            int next = at + (3 * i);
            int value = 0;
            isUtf8 = IsAt(text, next, '%') && TryReadHex(text, next + 1, 2, out value) && value is >= 0x80 and <= 0xBF;
            decoded = (decoded << 6) | (value & 0x3F);
        }

        int min = continuations switch { 1 => 0x80, 2 => 0x800, _ => 0x10000 };
        if (isUtf8 && decoded <= 0x10FFFF && (isLenient || (decoded >= min && decoded is not (>= 0xD800 and <= 0xDFFF))))
        {
            codePoint = decoded;
            return 3 + (3 * continuations);
        }

        return isLenient ? 3 : 0;
    }

    private static int ReadReference(string text, int at, bool isLenient, out int codePoint)
    {
        codePoint = 0;
        int end = at + 1;
        if (IsAt(text, end, '#'))
        {
            bool isHex = IsAt(text, end + 1, 'x');
            end += isHex ? 2 : 1;
            int first = end;
            for (; end < text.Length && HexValue(text[end]) is >= 0 and int digit && (isHex || digit < 10); end++)
            {
                codePoint = Math.Min((codePoint * (isHex ? 16 : 10)) + digit, 0x110000);
            }

            bool isTerminated = IsAt(text, end, ';');
            return end > first && codePoint is > 0 and <= 0x10FFFF && (isTerminated || isLenient) ? end - at + (isTerminated ? 1 : 0) : 0;
        }

        const int LongestName = 32;
        while (end < text.Length && end - at <= LongestName && (text[end] | 0x20) is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
        {
            end++;
        }

        if (IsAt(text, end, ';'))
        {
            if (s_punctuation.TryGetValue(text.Substring(at + 1, end - at - 1), out char punctuation))
            {
                codePoint = punctuation;
                return end + 1 - at;
            }

            string reference = text.Substring(at, end + 1 - at);
            string decoded = WebUtility.HtmlDecode(reference);
            if (decoded.Length == 1)
            {
                codePoint = decoded[0];
                return reference.Length;
            }
        }

        foreach (string name in s_unterminatedNames)
        {
            if (isLenient && string.Compare(text, at + 1, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                codePoint = s_punctuation[name];
                return name.Length + 1;
            }
        }

        return 0;
    }

    private static int ReadBackslash(string text, int at, bool isLenient, out int codePoint)
    {
        codePoint = 0;
        if (at + 1 == text.Length)
        {
            return 0;
        }

        char next = text[at + 1];
        if (isLenient && next is 'u' or 'U' or 'x' or 'X')
        {
            if (IsAt(text, at + 2, '{'))
            {
                int end = at + 3;
                for (; end < text.Length && HexValue(text[end]) is >= 0 and int digit; end++)
                {
                    codePoint = Math.Min((codePoint * 16) + digit, 0x110000);
                }

                return end > at + 3 && codePoint <= 0x10FFFF && IsAt(text, end, '}') ? end + 1 - at : 0;
            }

            if (next == 'U' && TryReadHex(text, at + 2, 8, out codePoint) && codePoint is >= 0 and <= 0x10FFFF)
            {
                return 10;
            }

            if (next is 'x' or 'X' && TryReadHex(text, at + 2, 2, out codePoint))
            {
                return 4;
            }
        }

        // Also a capital, since letter case does not count.
        if (next is 'u' or 'U' && TryReadHex(text, at + 2, 4, out codePoint))
        {
            return 6;
        }

        // Also the letter of \n and the like: no secret has a line break in it, but a backslash may be before a word.
        codePoint = next;
        return 2;
    }

    private static bool IsAt(string text, int at, char expected) =>
        at < text.Length && (text[at] == expected || (expected is >= 'a' and <= 'z' && (text[at] | 0x20) == expected));

    private static bool TryReadHex(string text, int at, int length, out int value)
    {
        value = 0;
        for (int end = at + length; at < end; at++)
        {
            if (at >= text.Length || HexValue(text[at]) is not (>= 0 and int digit))
            {
                return false;
            }

            value = (value << 4) | digit;
        }

        return true;
    }

    private static int HexValue(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };
}
