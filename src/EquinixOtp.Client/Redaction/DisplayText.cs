using System.Globalization;
using System.Text;

namespace EquinixOtp.Client.Redaction;

/// <summary>Finds and replaces characters that a terminal hides, interprets or reorders.</summary>
internal static class DisplayText
{
    /// <summary>The replacement of <see cref="Sanitize"/> for an unsafe character.</summary>
    public const char Replacement = '\uFFFD';

    // The characters that render as nothing although their category is that of letters, symbols, marks or unassigned.
    private static readonly (int First, int Last)[] s_blankCharacters =
    [
        (0x034F, 0x034F), // combining grapheme joiner
        (0x115F, 0x1160), // Hangul fillers
        (0x17B4, 0x17B5), // Khmer inherent vowels
        (0x180B, 0x180F), // Mongolian variation selectors
        (0x2065, 0x2065),
        (0x2800, 0x2800), // braille blank
        (0x3164, 0x3164), // Hangul filler
        (0xFE00, 0xFE0F), // variation selectors
        (0xFFA0, 0xFFA0), // half-width Hangul filler
        (0xFFF0, 0xFFF8),
        (0x1D159, 0x1D159), // musical null notehead
        (0xE0000, 0xE0FFF), // tags and more variation selectors
    ];

    /// <summary>
    /// Replaces control characters, line breaks, lone surrogates, and characters that hide or reorder text, with U+FFFD, and cuts
    /// text that is longer than <paramref name="maxLength"/> UTF-16 units, with an ellipsis.
    /// </summary>
    public static string Sanitize(string text, int maxLength)
    {
        var sanitized = new StringBuilder(text.Length);
        int size;
        for (int i = 0; i < text.Length; i += size)
        {
            size = SizeAt(text, i);
            bool isUnsafe = IsUnsafe(text, i);
            if (sanitized.Length + (isUnsafe ? 1 : size) > maxLength)
            {
                return sanitized.Append('…').ToString();
            }

            _ = isUnsafe ? sanitized.Append(Replacement) : sanitized.Append(text, i, size);
        }

        return sanitized.ToString();
    }

    /// <summary>
    /// Whether the character at <paramref name="index"/> is invisible: one that <see cref="Sanitize"/> replaces, a filler,
    /// a variation selector or a tag. A space is not invisible.
    /// </summary>
    public static bool IsInvisible(string text, int index) =>
        text[index] is not (>= ' ' and <= '~') && (IsUnsafe(text, index) || IsBlank(CodePointAt(text, index)));

    /// <summary>
    /// Whether a recovery code can be read and typed: 1 to 256 characters, none of them invisible, and not only spaces
    /// or combining marks.
    /// </summary>
    public static bool IsVisibleCode(string code)
    {
        const int MaxCodeLength = 256;
        if (code.Length > MaxCodeLength)
        {
            return false;
        }

        bool hasVisible = false;
        for (int i = 0; i < code.Length; i += SizeAt(code, i))
        {
            if (IsInvisible(code, i))
            {
                return false;
            }

            hasVisible |= CharUnicodeInfo.GetUnicodeCategory(code, i)
                is not UnicodeCategory.SpaceSeparator
                and not UnicodeCategory.NonSpacingMark
                and not UnicodeCategory.EnclosingMark
                and not UnicodeCategory.SpacingCombiningMark;
        }

        return hasVisible;
    }

    /// <summary>The number of UTF-16 units of the character at <paramref name="index"/>: 2 for a surrogate pair.</summary>
    public static int SizeAt(string text, int index) => char.IsSurrogatePair(text, index) ? 2 : 1;

    /// <summary>The character's code point; a lone surrogate's is its own value.</summary>
    public static int CodePointAt(string text, int index) =>
        char.IsSurrogatePair(text, index) ? char.ConvertToUtf32(text, index) : text[index];

    private static bool IsBlank(int codePoint) => s_blankCharacters.Any(range => codePoint >= range.First && codePoint <= range.Last);

    private static bool IsUnsafe(string text, int index) =>
        CharUnicodeInfo.GetUnicodeCategory(text, index)
            is UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate;
}
