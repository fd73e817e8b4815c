using System.Text;

namespace EquinixOtp.Client.Redaction;

/// <summary>A text with, for each of its characters, the range of the original text that it was unescaped from.</summary>
internal sealed class UnescapedText
{
    private readonly List<int> _starts;
    private readonly List<int> _ends;

    public UnescapedText(string original)
        : this(original, [.. Enumerable.Range(0, original.Length)], [.. Enumerable.Range(1, original.Length)])
    {
    }

    private UnescapedText(string text, List<int> starts, List<int> ends)
    {
        Text = text;
        _starts = starts;
        _ends = ends;
    }

    public string Text { get; }

    /// <summary>Where the character at <paramref name="index"/> starts in the original text.</summary>
    public int StartOf(int index) => _starts[index];

    /// <summary>Where the character at <paramref name="index"/> ends in the original text.</summary>
    public int EndOf(int index) => _ends[index];

    /// <summary>The text with each escape replaced that starts with <paramref name="start"/>; null when it has none.</summary>
    public UnescapedText? Unescape(char start, bool isLenient)
    {
        if (Text.IndexOf(start) < 0)
        {
            return null;
        }

        var text = new StringBuilder(Text.Length);
        var starts = new List<int>(Text.Length);
        var ends = new List<int>(Text.Length);
        int length;
        for (int at = 0; at < Text.Length; at += length)
        {
            int codePoint = Text[at];
            length = codePoint == start ? Escapes.Read(Text, at, isLenient, out codePoint) : 0;
            if (length == 0)
            {
                length = 1;
                codePoint = Text[at];
            }

            if (codePoint > char.MaxValue)
            {
                text.Append(char.ConvertFromUtf32(codePoint));
            }
            else
            {
                text.Append((char)codePoint);
            }

            while (starts.Count < text.Length)
            {
                starts.Add(_starts[at]);
                ends.Add(_ends[at + length - 1]);
            }
        }

        // Every escape is longer than its character.
        return text.Length < Text.Length ? new(text.ToString(), starts, ends) : null;
    }
}
