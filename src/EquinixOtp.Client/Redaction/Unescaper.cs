using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace EquinixOtp.Client.Redaction;

/// <summary>
/// Undoes percent-encoding, HTML character references and JSON escapes: strictly, as .NET does, and leniently, as browsers and
/// others do. If the results differ, a secret may appear in only one of them.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Percent-encoding: UTF-8. A byte that is not UTF-8 stays, as in a URI, or becomes U+FFFD, as in
/// <c>application/x-www-form-urlencoded</c>; leniently also overlong, a byte that is not UTF-8 as Latin-1, and <c>%u002B</c>.</item>
/// <item>HTML: decimal, hexadecimal and named references; leniently also without their semicolon, and names in any letter case.</item>
/// <item>JSON: <c>\u002B</c>, <c>\/</c>, and <c>\n</c>, which is removed; leniently any character after a backslash, without or with
/// <c>\U002B</c>, <c>\x2B</c>, <c>\u{2B}</c> and <c>\U0000002B</c>.</item>
/// </list>
/// </remarks>
internal static class Unescaper
{
    private const int MaxForms = 16;

    private static readonly (char Start, string Pattern)[] s_escapes =
    [
        ('%', "(?<uri>(%X{2})+)"),
        ('%', "(?<formUrlEncoded>(%X{2})+)"),
        ('%', "%u(?<hex>X{4})|(?<utf8>%[CD]X%[89AB]X|%EX(%[89AB]X){2}|%F[0-3](%[89AB]X){3})|%(?<hex>X{2})"),
        ('&', "&(#x(?<hex>X+)|#(?<decimal>[0-9]+)|(?<name>[a-z0-9]+));"),
        ('&', "&(#x(?<hex>X+);?|#(?<decimal>[0-9]+);?|(?<mark>NAME);|(?<mark>amp|lt|gt|quot))"),
        ('\\', @"\\((?-i:u)(?<hex>X{4})|(?<control>(?-i:[bfnrt]))|(?<character>[""\\/]))"),
        ('\\', @"\\((?-i:u)(?<hex>X{4})|(?<character>.))"),
        ('\\', @"\\([ux]\{(?<hex>X+)\}|(?-i:U)(?<hex>00(0X|10)X{4})|u(?<hex>X{4})|x(?<hex>X{2})|(?<character>.))"),
    ];

    // WebUtility knows the names of HTML 4; HTML 5 names all ASCII punctuation. Each entry is a name and its character.
    private static readonly Dictionary<string, string> s_punctuation = (
        "excl! quot\" num# dollar$ percnt% amp& apos' lpar( rpar) ast* midast* plus+ comma, period. sol/ colon: semi; lt< equals= gt> "
        + "quest? commat@ lsqb[ lbrack[ bsol\\ rsqb] rbrack] hat^ lowbar_ underbar_ grave` diacriticalgrave` lcub{ lbrace{ "
        + "verbar| vert| verticalline| rcub} rbrace}")
        .Split(' ')
        .ToDictionary(entry => entry.Substring(0, entry.Length - 1), entry => entry.Last().ToString());

    /// <summary>The text and all forms that unescaping produces, in any order; null if these are more than 16 forms.</summary>
    public static List<string>? FormsOf(string text)
    {
        List<string> forms = [text];

        // Not static: on .NET Framework, a Regex keeps the last text, which may contain a secret.
        var escapes = new Regex?[s_escapes.Length];
        for (int i = 0; i < forms.Count; i++)
        {
            for (int kind = 0; kind < escapes.Length; kind++)
            {
                (char start, string pattern) = s_escapes[kind];
                string form = forms[i].IndexOf(start) < 0 ? text : (escapes[kind] ??= CreateRegex(pattern)).Replace(forms[i], Decode);
                if (!forms.Contains(form))
                {
                    if (forms.Count == MaxForms)
                    {
                        return null;
                    }

                    forms.Add(form);
                }
            }
        }

        return forms;
    }

    // X in a pattern is a hexadecimal digit, NAME the name of a punctuation mark.
    private static Regex CreateRegex(string pattern) => new(
        pattern.Replace("X", "[0-9a-f]").Replace("NAME", string.Join("|", s_punctuation.Keys)),
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static string Decode(Match escape)
    {
        GroupCollection groups = escape.Groups;
        return groups["character"].Success ? groups["character"].Value
            : groups["control"].Success ? string.Empty
            : groups["uri"].Success ? Uri.UnescapeDataString(escape.Value)
            : groups["formUrlEncoded"].Success ? WebUtility.UrlDecode(escape.Value)
            : groups["name"].Success ? DecodeName(groups["name"].Value)
            : groups["mark"].Success ? s_punctuation[groups["mark"].Value.ToLowerInvariant()]
            : groups["utf8"].Success ? ToText(ParseUtf8(escape.Value.Substring(1).Split('%')))
            : groups["hex"].Success ? ToText(ParseNumber(groups["hex"].Value, NumberStyles.AllowHexSpecifier))
            : ToText(ParseNumber(groups["decimal"].Value, NumberStyles.None));

        string DecodeName(string name) => s_punctuation.TryGetValue(name, out string? mark) ? mark : WebUtility.HtmlDecode(escape.Value);

        string ToText(int codePoint) => codePoint switch
        {
            < 0 or > 0x10FFFF => escape.Value,
            > char.MaxValue => char.ConvertFromUtf32(codePoint),
            _ => ((char)codePoint).ToString(),
        };
    }

    // Two bytes have 11 bits, three 16, and four 21.
    private static int ParseUtf8(string[] bytes) =>
        bytes.Aggregate(0, (value, hex) => (value << 6) | (Convert.ToInt32(hex, 16) & 0x3F)) & ((1 << ((5 * bytes.Length) + 1)) - 1);

    private static int ParseNumber(string digits, NumberStyles style) =>
        int.TryParse(digits, style, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
