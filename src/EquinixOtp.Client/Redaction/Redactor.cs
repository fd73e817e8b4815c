using System.Globalization;
using System.Text;

namespace EquinixOtp.Client.Redaction;

/// <summary>
/// Makes a server's text safe to show: the secrets of one request masked, unsafe characters replaced, at most 500 characters.
/// Pass only a server's text. A mask in the module's own text would reveal a secret that equals a part of it.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>An unescaped secret is masked, in upper or lower case. If the text still contains a secret, <see cref="Withheld"/> replaces
/// the whole text. The text is searched as received and in up to 16 forms that percent, HTML and JSON unescaping produce
/// (<see cref="Unescaper"/>); letter case and invisible characters are ignored, and <c>+</c> equals a space. A text with more forms
/// is withheld.</item>
/// <item>A secret of 16 to 4,096 characters is also found in part: each run of 8 or more characters with a digit or a capital
/// after a small letter, and each run of 16 or more characters. Other parts may be words and are shown.</item>
/// <item>A secret of 6 to 15 characters that includes a digit is found as a whole only, also without a leading zero and with other
/// separators between its letters and digits.</item>
/// <item>Any other secret may be a letter or a word of an ordinary text, and its masks would reveal it. Every text is then
/// withheld, whether or not it contains the secret. Only the API's fixed messages are shown: they do not depend on the secret.
/// The same holds for a secret of more than 4,096 characters, which takes seconds to search for.</item>
/// <item>Only the first 4,096 characters of a longer text are searched. If they contain a secret, the text is withheld.</item>
/// </list>
/// </remarks>
internal sealed class Redactor
{
    public const string Mask = "******";
    public const string Withheld = "(withheld)";

    private const int MaxLength = 500;
    private const int SearchedLength = 4096;

    private const int MinLength = 6;
    private const int LongLength = 16;
    private const int PartLength = 8;

    // Safe to show for any secret, because they do not depend on it.
    private static readonly string[] s_messagesOfApi =
        ["Invalid OTP", "Invalid authentication token", "Access denied for the current authentication token", "Not found"];

    private readonly HashSet<string> _secrets = [];

    // Folded secrets of 6 to 15 characters, and parts of longer ones.
    private readonly HashSet<string> _parts = [];
    private readonly SortedSet<int> _partLengths = [];

    private readonly bool _withholdsAll;

    /// <param name="secrets">The token, the OTP, the proxy's password and its base64 credential. Empty ones are ignored.</param>
    public Redactor(IEnumerable<string> secrets)
    {
        foreach (string secret in secrets.Where(secret => secret.Length > 0))
        {
            // Also the unescaped forms of the secret: a server may repeat it unescaped.
            _withholdsAll |= secret.Length > SearchedLength || Unescaper.FormsOf(secret) is not { } forms || !forms.TrueForAll(TryAdd);
        }
    }

    /// <summary>The text with secrets masked, sanitized and cut; or <see cref="Withheld"/>.</summary>
    public string Redact(string serverText)
    {
        if (_withholdsAll)
        {
            return serverText.Length == 0 || s_messagesOfApi.Contains(serverText) ? serverText : Withheld;
        }

        bool isLong = serverText.Length > SearchedLength;
        string text = isLong ? serverText.Substring(0, SearchedLength) : serverText;
        string masked = MaskSecrets(text);

        // A mask and the text beside it can form a secret.
        return (isLong && masked != text) || MayContainSecret(masked)
            ? Withheld
            : DisplayText.Sanitize(masked, MaxLength);
    }

    /// <summary>Redacts texts that are shown one after the other: together, they contain no secret either.</summary>
    public IReadOnlyList<string> Redact(IReadOnlyList<string> serverTexts)
    {
        string[] redacted = [.. serverTexts.Select(Redact)];
        return MayContainSecret(string.Join(" ", redacted)) ? [Withheld] : redacted;
    }

    private bool TryAdd(string secret)
    {
        string visible = RemoveInvisible(secret);
        bool isLong = visible.Length >= LongLength;
        if (!isLong && (visible.Length < MinLength || !visible.Any(char.IsDigit)))
        {
            return false;
        }

        _secrets.Add(secret);
        IEnumerable<string> parts = isLong ? PartsOf(visible, PartLength).Where(IsNotWord).Concat(PartsOf(visible, LongLength)) : [visible];
        foreach (string part in parts)
        {
            AddPart(Fold(part));
        }

        string compact = Compact(Fold(visible));
        if (!isLong && compact.Length >= MinLength)
        {
            AddPart(compact);
            // As a number. Fewer digits occur in ordinary texts.
            if (compact[0] == '0' && compact[1] != '0')
            {
                AddPart(compact.Substring(1));
            }
        }

        return true;
    }

    private void AddPart(string part)
    {
        _parts.Add(part);
        _partLengths.Add(part.Length);
    }

    private string MaskSecrets(string text)
    {
        bool[] isSecret = new bool[text.Length];
        foreach (string secret in _secrets)
        {
            for (int at = 0; (at = text.IndexOf(secret, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
            {
                isSecret.AsSpan(at, secret.Length).Fill(true);
            }
        }

        var masked = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (!isSecret[i])
            {
                masked.Append(text[i]);
            }
            else if (i == 0 || !isSecret[i - 1])
            {
                masked.Append(Mask);
            }
        }

        return masked.ToString();
    }

    // A text with too many forms is not searched.
    private bool MayContainSecret(string text) => Unescaper.FormsOf(text) is not { } forms || forms.Exists(ContainsPart);

    private bool ContainsPart(string text)
    {
        string folded = Fold(RemoveInvisible(text));
        return HasPart(folded) || HasPart(Compact(folded));
    }

    private bool HasPart(string folded) => _partLengths.Any(length => PartsOf(folded, length).Any(_parts.Contains));

    private static IEnumerable<string> PartsOf(string text, int length) =>
        Enumerable.Range(0, Math.Max(0, text.Length - length + 1)).Select(start => text.Substring(start, length));

    private static bool IsNotWord(string part) =>
        part.Where((c, i) => char.IsDigit(c) || (i > 0 && char.IsUpper(c) && char.IsLower(part[i - 1]))).Any();

    // A server may group the digits of an OTP.
    private static string Compact(string folded) => new(Array.FindAll(folded.ToCharArray(), char.IsLetterOrDigit));

    private static string RemoveInvisible(string text)
    {
        var visible = new StringBuilder(text.Length);
        int size;
        for (int i = 0; i < text.Length; i += size)
        {
            size = DisplayText.SizeAt(text, i);
            if (text[i] != DisplayText.Replacement && !DisplayText.IsInvisible(text, i))
            {
                visible.Append(text, i, size);
            }
        }

        return visible.ToString();
    }

    private static string Fold(string text) => new(Array.ConvertAll(text.ToCharArray(), Fold));

    private static char Fold(char c) =>
        c == '+' || char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator ? ' ' : char.ToLowerInvariant(char.ToUpperInvariant(c));
}
