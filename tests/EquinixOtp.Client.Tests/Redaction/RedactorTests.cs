using System.Globalization;
using System.Text;
using CsCheck;
using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

public class RedactorTests
{
    private const string Token = "Zq+R/7xW2nB9vK4mZ8rT5yU1pQ==\"&<%";

    [Theory]
    [InlineData("123456", "123456", "******")]
    [InlineData("123456", "a 123456, b123456c%", "a ******, b******c%")]
    [InlineData("000000", "a 000000, 00000", "a ******, 00000")]
    [InlineData("121212", "1212121212", "******")]
    [InlineData("123456", "123456123456", "******")]
    [InlineData(Token, "100% of <" + Token + "> &amp; %zz", "100% of <******> &amp; %zz")]
    [InlineData("a+b/c=12", "A+B/C=12", "******")]
    [InlineData("pässwört 9", "PÄSSWÖRT 9", "******")]
    [InlineData("key\U0001F5119", "<KEY\U0001F5119>", "<******>")]
    [InlineData("a%2Bb&lt;c9", "<a%2Bb&lt;c9>", "<******>")]
    [InlineData("a%2Bb&lt;c9", "<a+b<c9>", "<******>")]
    public void Plain_secret_is_masked(string secret, string text, string expected) =>
        Assert.Equal(expected, new Redactor([string.Empty, secret]).Redact(text));

    [Fact]
    public void Overlapping_secrets_are_masked_together()
    {
        Assert.Equal("a ****** b ****** c", new Redactor(["123456", "x123456y"]).Redact("a x123456y b 123456 c"));
        Assert.Equal("a ****** b", new Redactor(["123456", "456789"]).Redact("a 123456789 b"));
    }

    [Theory]
    [InlineData("a+b/c=12\"&<d", "a%2Bb%2fc%3d12%22%26%3Cd")]
    [InlineData("a+b/c=12\"&<d", "a%252Bb%25252fc%2525253d12\"&<d")]
    [InlineData("a+b/c=12\"&<d", "a b/c=12\"&<d")]
    [InlineData("a+b/c=12\"&<d", "a&#43;b&#x2F;c&equals;12&quot;&amp;&lt;d")]
    [InlineData("a+b/c=12\"&<d", "a&#0000043b&#47c=12&QUOT&AMP&LTd")]
    [InlineData("a+b/c=12\"&<d", "A&PLUS;B&SOL;C&#X3D;12&QUOT;&AMP;&LT;D")]
    [InlineData("a+b/c=12\"&<d", @"A\U002BB\/C\U003D12\""&\U003CD")]
    [InlineData("a+b/c=12\"&<d", "a&amp;plus;b&amp;amp;sol;c=12&amp;#x22;&amp;&lt;d")]
    [InlineData("a+b/c=12\"&<d", @"a\u002Bb\/c\u003d12\""&\u003Cd")]
    [InlineData("a+b/c=12\"&<d", @"a\u005cu002Bb\\/c\\u003d12\\\""&\x3Cd")]
    [InlineData("a+b/c=12\"&<d", @"a%5Cu002Bb/c%26equals;12""&<d")]
    [InlineData("a+b/c=12\"&<d", @"a\x2Bb\X2fc\u{3d}12\U00000022\&\x{3c}d")]
    [InlineData("a+b/c=12\"&<d", "a%u002bb%u002Fc%3D12%C0%A2%E0%80%A6%3Cd")]
    [InlineData("a+b/c=12\"&<d", "a+\u200Bb/\u00ADc=1\u31642\"&\u2060<d")]
    [InlineData("1a3c56", "%C0%B1%E0%81%A13%F0%80%81%A356")]
    [InlineData("pässwört 9", "p%C3%A4ssw%c3%b6rt+9")]
    [InlineData("pässwört 9", "p%E4ssw%F6rt%209")]
    [InlineData("pässwört 9", "p&auml;ssw&ouml;rt&nbsp;9")]
    [InlineData("key\U0001F5119", @"key\ud83d\udd119")]
    [InlineData("key\U0001F5119", "key&#128273;9")]
    [InlineData("key\U0001F5119", "key%F0%9F%94%919")]
    [InlineData("%41bc12%26gt", "%2541bc12%2526gt")]
    [InlineData("a%41/bc12", @"a%41\/bc12")]
    [InlineData("net\\no+9", @"net\\no%2B9")]
    [InlineData("12\t34\n56", @"12\t34\n56")]
    [InlineData("123456", "%31%32%33%34%35%36")]
    [InlineData("123456", "123&#0;456")]
    [InlineData("123456", "12%AA3456")]
    [InlineData("483920", "483 920")]
    [InlineData("483920", "483-920")]
    [InlineData("048392", "48392")]
    [InlineData("k7mqp-x3d9a", "k7mqpx3d9a")]
    // The text before a secret may look like the start of an escape, and the text after it like the rest of one.
    [InlineData("net+pass9", @"AD\net%2Bpass9")]
    [InlineData("net+pass9", "AD%5Cnet%2Bpass9")]
    [InlineData("51+pass9", "%2551%2Bpass9")]
    [InlineData("51+pass9", @"%51\u002Bpass9")]
    [InlineData("amp;+pass9", "&amp;%2Bpass9")]
    [InlineData("6Rn<1=2Eh8", "%B6Rn%3C1%3D2Eh8")]
    [InlineData("%AFbc+12", "%C0%AFbc%2B12")]
    [InlineData("2C&9xyz", "&#2C&#38;9xyz")]
    [InlineData("ampere+9", "&ampere&plus;9")]
    [InlineData("pass+9a%", @"pass\u002b9a%41")]
    [InlineData("pass+9\\", @"\\u0070ass+9\u005cu")]
    [InlineData("1123-+15", @"\U01123-\u002B15")]
    [InlineData("&QUOT;pa+9", "&QUOT;pa&#43;9")]
    public void Text_with_an_escaped_secret_is_withheld(string secret, string text)
    {
        Assert.Equal(Redactor.Withheld, new Redactor([secret]).Redact(text));
        Assert.Equal(Redactor.Withheld, new Redactor([secret]).Redact($"<{text}>"));
        Assert.NotEqual(Redactor.Withheld, new Redactor(["another123"]).Redact($"<{text}>"));
    }

    [Fact]
    public void Letter_case_of_an_escape_is_ignored_in_any_culture()
    {
        // It does not regard I as the capital of i.
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");

        Assert.Equal(Redactor.Withheld, new Redactor(["1.2.3.456"]).Redact("1&PERIOD;2.3.45&#X36;"));
    }

    [Theory]
    [InlineData("Invalid OTP")]
    [InlineData("100%25 &amp; %zz &#0; &bogus; 123&#x110000;456 123&#9999999999;456 \\")]
    [InlineData("1234 and 23456")]
    [InlineData("")]
    public void Text_without_a_secret_is_unchanged(string text) => Assert.Equal(text, new Redactor([Token, "123456"]).Redact(text));

    [Theory]
    [InlineData(Token, "Zq+R/7xW")]
    [InlineData(Token, "Zq R/7xW")]
    [InlineData(Token, "Zq%2BR%2f7xw...")]
    [InlineData(Token, "...Z8rT5yU1")]
    [InlineData(Token, "2nB9vK4m\nZ8rT5yU1")]
    [InlineData("zq7Xw2nB9vR4mZ8t", "zq7Xw2nB")]
    [InlineData("authenticationTakesall", "nTakesal")]
    [InlineData("CanaryToken9Withoutanything", "CanaryTo")]
    [InlineData("CanaryToken9Withoutanything", "canaryto...")]
    [InlineData("CanaryToken9Withoutanything", "anaryTok")]
    [InlineData("CanaryToken9Withoutanything", "9Withouta")]
    [InlineData("authentication takes 9", "authentication t")]
    [InlineData("authentication takes 9", "n takes 9")]
    public void Text_with_a_part_of_a_long_secret_is_withheld(string secret, string text) =>
        Assert.Equal(Redactor.Withheld, new Redactor([secret]).Redact(text));

    [Theory]
    [InlineData(Token, "2nB9vK4")]
    [InlineData("004839", "04839")]
    [InlineData("048392", "8392")]
    [InlineData("1-2-3-4", "1234")]
    [InlineData("CanaryToken9Withoutanything", "withouta")]
    [InlineData("authentication takes 9", "The authentication failed for 9 lives")]
    public void Part_that_is_short_or_may_be_a_word_is_shown(string secret, string text) =>
        Assert.Equal(text, new Redactor([secret]).Redact(text));

    [Theory]
    [InlineData("123", "456")]
    [InlineData("1%323", "456")]
    [InlineData("123", "45&#54;")]
    public void Texts_that_form_a_secret_together_are_withheld(params string[] texts) =>
        Assert.Equal([Redactor.Withheld], new Redactor(["123456"]).Redact(texts));

    [Fact]
    public void Texts_that_form_a_part_of_a_short_secret_together_are_shown() =>
        Assert.Equal(["1234", "56 ******"], new Redactor(["12345678"]).Redact(["1234", "56 12345678"]));

    // The output does not depend on whether, or where, the text contains the secret.
    [Theory]
    [InlineData("*")]
    [InlineData("T")]
    [InlineData("OTP")]
    [InlineData("Invalid")]
    [InlineData("password")]
    [InlineData("recovery-codes")]
    [InlineData("12345")]
    [InlineData("ab1\u200Bde")]
    [InlineData("%41%42%43")]
    [InlineData("%2525252525252525252525252525252525252525252525251")]
    public void Secret_that_may_be_a_word_withholds_every_text(string secret)
    {
        var redactor = new Redactor([Token, secret]);

        string[] texts = ["Nothing", secret, $"The {secret} is here", "The password of metal user T* is Invalid", Fill("*", 900_000)];
        foreach (string text in texts)
        {
            Assert.Equal(Redactor.Withheld, redactor.Redact(text));
        }

        Assert.Equal("Invalid OTP", redactor.Redact("Invalid OTP"));
        Assert.Equal(string.Empty, redactor.Redact(string.Empty));
    }

    [Fact]
    public void Secret_of_more_than_4096_characters_withholds_every_text()
    {
        Assert.Equal("text", new Redactor([Fill("k7", 4_096)]).Redact("text"));
        Assert.Equal(Redactor.Withheld, new Redactor([Fill("k7", 4_097)]).Redact("text"));
    }

    [Theory]
    [InlineData("%252525252525252525252525252525", "%25252525252525252525252525252525")]
    [InlineData("%2525 %u0041 &amp;", "%2525 %u0041 &amp;amp;amp;")]
    public void Text_with_more_than_16_forms_is_withheld(string shown, string withheld)
    {
        var redactor = new Redactor(["123456"]);

        Assert.Equal(shown, redactor.Redact(shown));
        Assert.Equal(Redactor.Withheld, redactor.Redact(withheld));
    }

    [Fact]
    public void Mask_that_forms_a_secret_with_its_neighbours_withholds_the_text()
    {
        Assert.Equal(Redactor.Withheld, new Redactor(["******1"]).Redact("******11"));
        Assert.Equal(Redactor.Withheld, new Redactor(["******12", "abcdef1"]).Redact("abcdef112"));
        Assert.Equal("a ****** b", new Redactor(["******1"]).Redact("a ******1 b"));
    }

    // Not data of a theory: attributes cannot hold a lone surrogate.
    [Fact]
    public void Unsafe_characters_are_replaced()
    {
        var redactor = new Redactor(["123456"]);

        Assert.Equal(
            "a\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb\U0001F511",
            redactor.Redact("a\u001B[2J\r\n\u2028\u202E\uFEFF\U000E0041b\U0001F511"));
        Assert.Equal("\uFFFD******\uFFFD", redactor.Redact("\uD83D123456\uDD11"));
        Assert.Equal(Redactor.Withheld, new Redactor(["12345\uFFFD6"]).Redact("12345\u001B6"));
    }

    [Theory]
    [InlineData(500, 500)]
    [InlineData(501, 501)]
    [InlineData(4_096, 501)]
    [InlineData(1_000_000, 501)]
    public void Long_text_is_cut(int length, int expected)
    {
        string text = "a" + new string('x', length - 1);

        string redacted = new Redactor(["123456"]).Redact(text);

        Assert.Equal(expected, redacted.Length);
        Assert.Equal(expected > 500, redacted.EndsWith('…'));
        Assert.Equal(text[..500], redacted[..500]);
    }

    [Theory]
    [InlineData(4_096, false)]
    [InlineData(4_097, true)]
    public void Text_with_a_secret_is_withheld_above_4096_characters(int length, bool isWithheld) =>
        Assert.Equal(isWithheld, new Redactor(["123456"]).Redact("123456".PadRight(length)) == Redactor.Withheld);

    [Theory]
    [InlineData("123456", 500)]
    [InlineData("123456", 4096)]
    [InlineData(Token, 500)]
    [InlineData(Token, 4096)]
    public void No_part_of_a_secret_across_a_cut_is_shown(string secret, int cut)
    {
        var redactor = new Redactor([secret]);
        string escaped = string.Concat(secret.Select(c => $@"\u{(int)c:x4}"));
        foreach (string written in new[] { secret, escaped })
        {
            for (int before = cut - written.Length - 1; before <= cut + 1; before++)
            {
                // Masks shorten a text, so that its end may be shown.
                string secrets = Fill(secret, before / secret.Length * secret.Length);
                foreach (string filler in new[] { string.Empty, secrets }.Select(filler => filler.PadRight(before, 'x')))
                {
                    foreach (int after in new[] { 0, 5_000 })
                    {
                        string redacted = redactor.Redact(filler + written + new string('y', after));

                        Assert.DoesNotContain(secret[..4], redacted, StringComparison.OrdinalIgnoreCase);
                        Assert.DoesNotContain(escaped[..24], redacted, StringComparison.OrdinalIgnoreCase);
                    }
                }
            }
        }
    }

    // A copy of the long text alone would be 2,000,000 bytes.
    [Fact]
    public void Cost_does_not_grow_with_the_text()
    {
        var redactor = new Redactor([Token, "123456", "111111"]);
        string[] patterns = ["x", "%25", "%C3", "&#0", "&amp;", "\\", @"\u005c", "1", Token, "\uD83D", "\u200B", @"\\%2525&amp;amp;"];
        foreach (string pattern in patterns)
        {
            string text = Fill(pattern, 10_000);
            string longText = Fill(pattern, 1_000_000);
            redactor.Redact(text);

            long before = GC.GetAllocatedBytesForCurrentThread();
            redactor.Redact(text);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            before = GC.GetAllocatedBytesForCurrentThread();
            redactor.Redact(longText);
            long longBytes = GC.GetAllocatedBytesForCurrentThread() - before;

            // Not equal: the thread's own share of the heap is counted in blocks.
            Assert.InRange(longBytes, 0, bytes + 100_000);
        }
    }

    [Fact]
    public void No_output_contains_a_secret_or_a_part_of_one_or_unescapes_to_it()
    {
        // Pieces that begin or continue an escape combine with the secret beside them.
        Gen<string> piece = Gen.OneOf(
            Gen.OneOf("%", "%2", "25", "%25", "\\", "\\\\", @"\u00", "u", "&", "&amp;", "amp;", "&#", "#", "x", ";"),
            Gen.OneOf("n", "a", "4", "1", " ", "*", "******"),
            Gen.String[Gen.Char[' ', '~'], 0, 3]);
        Gen<(string[], int, int[])> part = Gen.Select(piece.Array[0, 3], Gen.Int[0, 40], Gen.Int[0, Escaping.Encoders.Count].Array[0, 3]);
        int shown = 0;
        Gen.Select(Secrets(), part.Array[1, 3]).Sample(
            (secret, parts) =>
            {
                int length = Math.Min(secret.Length, 16);
                var text = new StringBuilder();
                foreach ((string[] pieces, int start, int[] nesting) in parts)
                {
                    string secretPart = secret.Substring(start % (secret.Length - length + 1), length);
                    text.Append(string.Concat(pieces));
                    text.Append(nesting.Aggregate(
                        secretPart,
                        (escaped, encoder) => encoder == 0 ? escaped : Escaping.Encoders[encoder - 1](escaped)));
                }

                string redacted = new Redactor([secret]).Redact(text.ToString());

                shown += redacted == Redactor.Withheld ? 0 : 1;
                foreach (string form in Escaping.FormsOf(redacted))
                {
                    for (int i = 0; i + length <= secret.Length; i++)
                    {
                        Assert.DoesNotContain(secret.Substring(i, length), form, StringComparison.OrdinalIgnoreCase);
                    }
                }
            },
            iter: 10_000,
            threads: 1);
        Assert.True(shown > 500, $"{shown} shown");
    }

    // Of 6 to 40 characters, with a digit: OTPs, passwords, tokens.
    private static Gen<string> Secrets()
    {
        Gen<char> character = Gen.Frequency(
            (4, Gen.Char.AlphaNumeric),
            (2, Gen.Char['!', '~']),
            (1, Gen.Char["%&\\/+\"<>'=#;u2n5"]));
        return Gen.OneOf(
            Gen.String[Gen.Char['0', '9'], 6, 8],
            Gen.Select(Gen.String[character, 5, 14], Gen.Char['0', '9'], (text, digit) => text + digit),
            Gen.String[character, 16, 40])
            .Where(secret => new Redactor([secret]).Redact("free") == "free");
    }

    private static string Fill(string pattern, int length) =>
        string.Concat(Enumerable.Repeat(pattern, (length / pattern.Length) + 1))[..length];
}
