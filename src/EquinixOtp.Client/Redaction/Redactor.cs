using System.Globalization;
using System.Text;

namespace EquinixOtp.Client.Redaction;

/// <summary>
/// Makes a server's text safe to show: the secrets of one request masked, unsafe characters replaced, at most 500 characters.
/// Only a server's text is passed in. A mask in the module's own text would show where a secret equals it.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>The text is searched as it is and in every form that percent, HTML and JSON unescaping produce, in any order
/// (<see cref="Escapes"/>), up to 64 forms: for example three levels of each. A text with more forms is withheld:
/// <see cref="Mask"/> replaces the whole of it. Letter case and invisible characters are ignored, and <c>+</c> equals a space.</item>
/// <item>A secret of 16 or more characters is also masked in part: every run of 8 or more consecutive characters that includes
/// a digit or a capital after a small letter, and every run of 16 or more. Other runs may be words and are shown.</item>
/// <item>A secret of 6 to 15 characters that includes a digit is masked as a whole only.</item>
/// <item>Any other secret may be a letter or a word of an ordinary text, and the masks would tell which. Then every text is
/// withheld, whether or not it contains the secret, so that nothing follows from it. Only the API's fixed messages are shown:
/// they are the same whatever the secret is.</item>
/// <item>Only the first 4,096 characters are searched, and of a longer text only the first 1,024 are shown, so that a secret
/// that starts there is searched for as a whole. The cost does not depend on the rest.</item>
/// </list>
/// </remarks>
internal sealed class Redactor
{
    public const string Mask = "******";

    private const int MaxLength = 500;
    private const int MaxReadings = 64;
    private const int SearchedLength = 4096;
    private const int ShownLengthOfLongText = 1024;

    private const int MinLength = 6;
    private const int MinLengthWithoutDigit = 16;
    private const int RunLength = 8;

    // Safe to show for any secret, because they do not depend on it.
    private static readonly string[] s_messagesOfApi =
    [
        "Invalid OTP",
        "Invalid authentication token",
        "Access denied for the current authentication token",
        "Not found",
    ];

    private static readonly (char Start, bool IsLenient)[] s_unescapings =
        [.. Escapes.Starts.Select(start => (start, false)), .. Escapes.Starts.Select(start => (start, true))];

    // Folded secrets of 6 to 15 characters.
    private readonly HashSet<string> _wholes = new(StringComparer.Ordinal);

    // Every 8 consecutive characters of a longer one, folded, as their bits; and whether they can't be part of a word.
    private readonly Dictionary<(ulong, ulong), bool> _runs = [];

    private readonly bool _withholdsAll;

    /// <param name="secrets">The token, the OTP, the proxy's password and its base64 credential. Empty ones are ignored.</param>
    public Redactor(IEnumerable<string> secrets)
    {
        foreach (string secret in secrets.Where(secret => secret.Length > 0))
        {
            // A server may have unescaped the secret once too often.
            _withholdsAll |= ReadingsOf(secret) is not { } readings || !readings.TrueForAll(reading => TryAdd(reading.Text));
        }
    }

    /// <summary>The text with secrets masked, sanitized and cut.</summary>
    public string Redact(string serverText)
    {
        if (_withholdsAll)
        {
            return serverText.Length == 0 || s_messagesOfApi.Contains(serverText) ? serverText : Mask;
        }

        bool isLong = serverText.Length > SearchedLength;
        string searched = isLong ? serverText.Substring(0, SearchedLength) : serverText;
        if (FindSecrets(searched) is not { } isSecret)
        {
            return Mask;
        }

        var masked = new StringBuilder();
        int end = isLong ? ShownLengthOfLongText : serverText.Length;
        for (int i = 0; i < end; i++)
        {
            if (!isSecret[i])
            {
                masked.Append(serverText[i]);
            }
            else if (i == 0 || !isSecret[i - 1])
            {
                masked.Append(Mask);
            }
        }

        string shown = masked.ToString();
        bool isChanged = isLong || isSecret.Contains(true);
        if (isChanged && FindSecrets(shown)?.Contains(true) != false)
        {
            // A mask and what follows can be a secret by themselves.
            return Mask;
        }

        return DisplayText.Sanitize(isLong ? shown + '…' : shown, MaxLength);
    }

    // The text and all that unescaping makes of it, kind by kind in any order; null when that is too much to search.
    private static List<UnescapedText>? ReadingsOf(string text)
    {
        List<UnescapedText> readings = [new(text)];
        var texts = new HashSet<string>(StringComparer.Ordinal) { text };
        for (int i = 0; i < readings.Count; i++)
        {
            foreach ((char start, bool isLenient) in s_unescapings)
            {
                if (readings[i].Unescape(start, isLenient) is { } reading && texts.Add(reading.Text))
                {
                    if (readings.Count == MaxReadings)
                    {
                        return null;
                    }

                    readings.Add(reading);
                }
            }
        }

        return readings;
    }

    private static char Fold(char c) =>
        c == '+' || char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator
            ? ' '
            : char.ToLowerInvariant(char.ToUpperInvariant(c));

    // The indexes of the characters that can be seen.
    private static List<int> VisibleIndexesOf(string text)
    {
        var indexes = new List<int>(text.Length);
        int size;
        for (int i = 0; i < text.Length; i += size)
        {
            size = DisplayText.SizeAt(text, i);
            for (int unit = i; unit < i + size && !DisplayText.IsInvisible(text, i); unit++)
            {
                indexes.Add(unit);
            }
        }

        return indexes;
    }

    private bool TryAdd(string secret)
    {
        char[] visible = [.. VisibleIndexesOf(secret).Select(i => secret[i])];
        if (visible.Length < MinLength || (visible.Length < MinLengthWithoutDigit && !visible.Any(char.IsDigit)))
        {
            return false;
        }

        char[] folded = Array.ConvertAll(visible, Fold);
        if (folded.Length < MinLengthWithoutDigit)
        {
            _wholes.Add(new string(folded));
            return true;
        }

        (ulong, ulong) run = default;
        for (int i = 0; i < folded.Length; i++)
        {
            run = Shift(run, folded[i]);
            if (i >= RunLength - 1)
            {
                _runs[run] = CannotBeWord(visible, i - RunLength + 1);
            }
        }

        return true;
    }

    // For each character of the text, whether it is part of a secret; null when the text is escaped too deep to tell.
    private bool[]? FindSecrets(string text)
    {
        if (ReadingsOf(text) is not { } readings)
        {
            return null;
        }

        bool[] isSecret = new bool[text.Length];
        foreach (UnescapedText reading in readings)
        {
            List<int> indexes = VisibleIndexesOf(reading.Text);
            char[] characters = new char[indexes.Count];
            for (int i = 0; i < characters.Length; i++)
            {
                characters[i] = Fold(reading.Text[indexes[i]]);
            }

            string folded = new(characters);
            foreach ((int start, int length) in FindWholes(folded).Concat(FindRuns(folded)))
            {
                int from = reading.StartOf(indexes[start]);
                int to = reading.EndOf(indexes[start + length - 1]);
                for (int i = from; i < to; i++)
                {
                    isSecret[i] = true;
                }
            }
        }

        return isSecret;
    }

    private IEnumerable<(int Start, int Length)> FindWholes(string folded)
    {
        foreach (string secret in _wholes)
        {
            int at = -1;
            while ((at = folded.IndexOf(secret, at + 1, StringComparison.Ordinal)) >= 0)
            {
                yield return (at, secret.Length);
            }
        }
    }

    private IEnumerable<(int Start, int Length)> FindRuns(string folded)
    {
        (ulong, ulong) run = default;
        int length = 0;
        bool cannotBeWord = false;
        for (int i = 0; i <= folded.Length && _runs.Count > 0; i++)
        {
            run = i < folded.Length ? Shift(run, folded[i]) : default;
            if (i >= RunLength - 1 && _runs.TryGetValue(run, out bool isDistinct))
            {
                length = length == 0 ? RunLength : length + 1;
                cannotBeWord |= isDistinct;
                continue;
            }

            if (cannotBeWord || length >= MinLengthWithoutDigit)
            {
                yield return (i - length, length);
            }

            length = 0;
            cannotBeWord = false;
        }
    }

    // The bits of the last 8 characters.
    private static (ulong, ulong) Shift((ulong High, ulong Low) run, char next) =>
        ((run.High << 16) | (run.Low >> 48), (run.Low << 16) | next);

    private static bool CannotBeWord(char[] secret, int start)
    {
        for (int i = start; i < start + RunLength; i++)
        {
            if (char.IsDigit(secret[i]) || (i > start && char.IsUpper(secret[i]) && char.IsLower(secret[i - 1])))
            {
                return true;
            }
        }

        return false;
    }
}
