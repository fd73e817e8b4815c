using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

public class RedactorTests
{
    private const string Token = "Zq+R/7xW2nB9vK4mZ8rT5yU1pQ==\"&<%";
    private const int SearchedLength = 4096;

    private static readonly Func<string, string>[] s_encoders =
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

    private static readonly Func<string, string>[] s_decoders =
    [
        Uri.UnescapeDataString,
        text => WebUtility.UrlDecode(text)!,
        text => WebUtility.HtmlDecode(text)!,
        DecodeJson,
    ];

    [Theory]
    [InlineData("a+b/c=12\"&<d", "a+b/c=12\"&<d")]
    [InlineData("a+b/c=12\"&<d", "A+B/C=12\"&<D")]
    [InlineData("a+b/c=12\"&<d", "a%2Bb%2fc%3d12%22%26%3Cd")]
    [InlineData("a+b/c=12\"&<d", "a%252Bb%25252fc%2525253d12\"&<d")]
    [InlineData("a+b/c=12\"&<d", "a b/c=12\"&<d")]
    [InlineData("a+b/c=12\"&<d", "a&#43;b&#x2F;c&equals;12&quot;&amp;&lt;d")]
    [InlineData("a+b/c=12\"&<d", "a&#0000043b&#47c=12&QUOT&AMP&LTd")]
    [InlineData("a+b/c=12\"&<d", "a&amp;plus;b&amp;amp;sol;c=12&amp;#x22;&amp;&lt;d")]
    [InlineData("a+b/c=12\"&<d", @"a\u002Bb\/c\u003d12\""&\u003Cd")]
    [InlineData("a+b/c=12\"&<d", @"a\u005cu002Bb\\/c\\u003d12\\\""&\x3Cd")]
    [InlineData("a+b/c=12\"&<d", @"a%5Cu002Bb%5C%2Fc\u0025\u0033\u006412%26%2334%3B&amp;\\x3cd")]
    [InlineData("a+b/c=12\"&<d", @"a\x2Bb\X2fc\u{3d}12\U00000022\&\x{3c}d")]
    [InlineData("a+b/c=12\"&<d", "a%u002bb%u002Fc%3D12%C0%A2%E0%80%A6%3Cd")]
    [InlineData("a+b/c=12\"&<d", "a+\u200Bb/\u00ADc=1\u31642\"&\u2060<d")]
    [InlineData("pässwört 9", "p%C3%A4ssw%c3%b6rt+9")]
    [InlineData("pässwört 9", "p%E4ssw%F6rt%209")]
    [InlineData("pässwört 9", "p&auml;ssw&ouml;rt&nbsp;9")]
    [InlineData("pässwört 9", "PÄSSWÖRT 9")]
    [InlineData("key\U0001F5119", @"key\ud83d\udd119")]
    [InlineData("key\U0001F5119", "key&#128273;9")]
    [InlineData("key\U0001F5119", "key%F0%9F%94%919")]
    [InlineData("%41bc12%26gt", @"%2541bc12%2526gt")]
    [InlineData("a%41/bc12", @"a%41\/bc12")]
    [InlineData("net\\no+9", @"net\\no%2B9")]
    [InlineData("123456", "123456")]
    [InlineData("123456", "%31%32%33%34%35%36")]
    [InlineData("121212", "1212121212")]
    [InlineData("123456", "123456123456")]
    public void Secret_is_masked_however_it_is_escaped(string secret, string escaped)
    {
        var redactor = new Redactor([secret]);

        Assert.Equal(Redactor.Mask, redactor.Redact(escaped));
        Assert.Equal("100% of <******> &amp; %zz", redactor.Redact($"100% of <{escaped}> &amp; %zz"));
        Assert.Equal("/a%20b?x=******&y=%26", redactor.Redact($"/a%20b?x={escaped}&y=%26"));
    }

    [Theory]
    [InlineData("Invalid OTP")]
    [InlineData("100%25 &amp; %zz &#0; &bogus; \\")]
    [InlineData("")]
    public void Text_without_a_secret_is_unchanged(string text) =>
        Assert.Equal(text, new Redactor([Token, "123456", string.Empty]).Redact(text));

    [Fact]
    public void Every_secret_is_masked_also_one_within_another()
    {
        Assert.Equal("a ****** b ****** c", new Redactor(["123456", "x123456y"]).Redact("a x123456y b 123456 c"));
        Assert.Equal("a ****** b", new Redactor(["123456", "456789"]).Redact("a 123456789 b"));
    }

    [Theory]
    [InlineData("Zq+R/7xW", "******")]
    [InlineData("Zq%2BR%2f7xw...", "******...")]
    [InlineData("...Z8rT5yU1", "...******")]
    [InlineData("2nB9vK4m\nZ8rT5yU1", "******")]
    [InlineData("2nB9vK4m... Z8rT5yU1", "******... ******")]
    [InlineData("2nB9vK4", "2nB9vK4")]
    public void Run_of_eight_characters_of_a_long_secret_is_masked(string text, string expected) =>
        Assert.Equal(expected, new Redactor([Token]).Redact(text));

    [Theory]
    [InlineData("The authentication failed for 9 lives", "The authentication failed for 9 lives")]
    [InlineData("authentication takes 9", "******")]
    [InlineData("authentication take", "******")]
    [InlineData("authentication t", "******")]
    [InlineData("n takes 9", "******")]
    public void Run_that_may_be_a_word_is_not_masked(string text, string expected) =>
        Assert.Equal(expected, new Redactor(["authentication takes 9"]).Redact(text));

    [Theory]
    [InlineData("CanaryTo", "******")]
    [InlineData("canaryto...", "******...")]
    [InlineData("anaryTok", "******")]
    [InlineData("9Withouta", "******")]
    [InlineData("without", "without")]
    [InlineData("withouta", "withouta")]
    public void Run_with_a_digit_or_an_inner_capital_is_masked(string text, string expected) =>
        Assert.Equal(expected, new Redactor(["CanaryToken9Withoutanything"]).Redact(text));

    [Fact]
    public void Part_of_a_short_secret_is_not_masked() =>
        Assert.Equal("1234 and 23456", new Redactor(["123456"]).Redact("1234 and 23456"));

    // What is shown is the same whether the secret is in the text or not, and wherever it is.
    [Theory]
    [InlineData("*")]
    [InlineData("T")]
    [InlineData("1")]
    [InlineData("OTP")]
    [InlineData("user")]
    [InlineData("metal")]
    [InlineData("Invalid")]
    [InlineData("password")]
    [InlineData("recovery-codes")]
    [InlineData("12345")]
    [InlineData("ab1\u200Bde")]
    [InlineData("%41%42%43")]
    public void Secret_that_may_be_a_word_withholds_every_text(string secret)
    {
        var redactor = new Redactor([Token, secret]);

        string[] texts = ["Nothing", secret, $"The {secret} is here", "The password of metal user T* is Invalid", Fill("*", 900_000)];
        foreach (string text in texts)
        {
            Assert.Equal(Redactor.Mask, redactor.Redact(text));
        }

        Assert.Equal("Invalid OTP", redactor.Redact("Invalid OTP"));
        Assert.Equal(string.Empty, redactor.Redact(string.Empty));
    }

    [Fact]
    public void Text_with_more_than_64_forms_is_withheld()
    {
        var redactor = new Redactor(["123456"]);
        string text = "%2B";
        for (int depth = 1; depth <= 64; depth++)
        {
            Assert.Equal(depth <= 63 ? $"<{text}>" : Redactor.Mask, redactor.Redact($"<{text}>"));
            text = Uri.EscapeDataString(text);
        }

        // (3 + 1)³ forms, and one more than these.
        string deepest = "%252525 &amp;amp;amp; \\\\\\\\";
        Assert.Equal(deepest, redactor.Redact(deepest));
        Assert.Equal(Redactor.Mask, redactor.Redact(deepest + " %25252525"));
        Assert.Equal(Redactor.Mask, new Redactor(["123456" + text]).Redact("any"));
    }

    [Fact]
    public void Mask_that_forms_a_secret_with_its_neighbours_withholds_the_text()
    {
        Assert.Equal(Redactor.Mask, new Redactor(["******1"]).Redact("******11"));
        Assert.Equal(Redactor.Mask, new Redactor(["******12", "abcdef1"]).Redact("abcdef112"));
        Assert.Equal("a ****** b", new Redactor(["******1"]).Redact("a ******1 b"));
    }

    [Theory]
    [InlineData("%uD83D123456&#xDC00;", "%uD83D******&#xDC00;")]
    [InlineData("a\u001B[2J\r\n\u2028\u202E\uFEFF\U000E0041b\U0001F511", "a\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb\U0001F511")]
    public void Unsafe_characters_are_replaced(string text, string expected) =>
        Assert.Equal(expected, new Redactor(["123456"]).Redact(text));

    // Not as data of a theory: metadata cannot hold a lone surrogate.
    [Fact]
    public void Lone_surrogates_are_replaced()
    {
        Assert.Equal("\uFFFD", new Redactor(["123456"]).Redact("\uD83D"));
        Assert.Equal("\uFFFD******\uFFFD", new Redactor(["123456"]).Redact("\uD83D123456\uDD11"));
        Assert.Equal("a****** b", new Redactor(["12345\uD83D6"]).Redact("a123456 b"));
    }

    // What is before a secret may look like the start of an escape, and what follows it like the rest of one.
    [Theory]
    [InlineData("net+pass9", @"AD\net%2Bpass9", "AD******")]
    [InlineData("net+pass9", @"AD%5Cnet%2Bpass9", "AD******")]
    [InlineData("51+pass9", @"%2551%2Bpass9", "%25******")]
    [InlineData("51+pass9", @"%51\u002Bpass9", "%******")]
    [InlineData("amp;+pass9", "&amp;%2Bpass9", "&******")]
    [InlineData("6Rn<1=2Eh8", "%B6Rn%3C1%3D2Eh8", "%B******")]
    [InlineData("%AFbc+12", "%C0%AFbc%2B12", "%C0******")]
    [InlineData("2C&9xyz", "&#2C&#38;9xyz", "&#******")]
    [InlineData("ampere+9", "&ampere&plus;9", "&******")]
    [InlineData("pass+9a%", @"pass\u002b9a%41", "******41")]
    public void Secret_that_looks_like_a_part_of_an_escape_is_masked(string secret, string text, string expected) =>
        Assert.Equal(expected, new Redactor([secret]).Redact(text));

    [Theory]
    [InlineData(500, 500)]
    [InlineData(501, 501)]
    [InlineData(SearchedLength, 501)]
    [InlineData(1_000_000, 501)]
    public void Long_text_is_cut(int length, int expected)
    {
        string redacted = new Redactor(["123456"]).Redact(new string('x', length));

        Assert.Equal(expected, redacted.Length);
        Assert.Equal(expected > 500, redacted.EndsWith('…'));
        Assert.Equal(new string('x', 500), redacted[..500]);
    }

    [Theory]
    [InlineData("123456", 500)]
    [InlineData("123456", SearchedLength)]
    [InlineData(Token, 500)]
    [InlineData(Token, SearchedLength)]
    public void Secret_across_a_cut_is_masked(string secret, int cut)
    {
        var redactor = new Redactor([secret]);
        string escaped = string.Concat(secret.Select(c => $@"\u{(int)c:x4}"));
        foreach (string written in new[] { secret, escaped })
        {
            for (int before = cut - written.Length - 1; before <= cut + 1; before++)
            {
                // The masks of what is before make the text short enough for its end to be shown.
                string secrets = Fill(secret, before / secret.Length * secret.Length);
                foreach (string filler in new[] { string.Empty, secrets }.Select(filler => filler.PadRight(before, 'x')))
                {
                    string redacted = redactor.Redact(filler + written + new string('y', 5_000));

                    Assert.DoesNotContain(secret[..4], redacted, StringComparison.OrdinalIgnoreCase);
                    Assert.DoesNotContain(written[..Math.Min(written.Length, 30)], redacted, StringComparison.OrdinalIgnoreCase);
                }
            }
        }
    }

    // A copy of the long text alone would be 2,000,000 bytes.
    [Fact]
    public void Cost_does_not_grow_with_the_text()
    {
        var redactor = new Redactor([Token, "123456", "111111"]);
        string[] patterns =
        [
            "x", "%", "%2", "%25", "%C3", "&", "&#", "&#x", "&#0", "&amp;", "&lt", "\\", @"\u00", @"\u005c",
            "1", "123456", Token, "\uD83D", "\u200B", "\U0001F511", @"\\\\%2525&amp;amp;",
        ];
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
    public void Any_secret_is_masked_under_any_nesting_of_escapes()
    {
        int masked = 0;
        Gen.Select(Secrets(), Gen.Int[0, s_encoders.Length - 1].Array[0, 4]).Sample(
            (secret, nesting) =>
            {
                string escaped = nesting.Aggregate(secret, (text, encoder) => s_encoders[encoder](text));
                if (escaped.Length > 3_000)
                {
                    return;
                }

                string redacted = new Redactor([secret]).Redact($"before →{escaped}→ after");

                masked++;
                Assert.Equal("before →******→ after", redacted);
            },
            iter: 20_000,
            threads: 1);
        Assert.True(masked > 10_000, $"{masked} masked");
    }

    [Fact]
    public void Any_part_of_16_characters_is_masked_under_any_nesting_of_escapes()
    {
        int masked = 0;
        Gen.Select(Secrets().Where(secret => secret.Length > 16), Gen.Int[0, 39], Gen.Int[0, s_encoders.Length - 1].Array[0, 3]).Sample(
            (secret, start, nesting) =>
            {
                string part = secret.Substring(start % (secret.Length - 16), 16);
                string escaped = nesting.Aggregate(part, (text, encoder) => s_encoders[encoder](text));
                if (escaped.Length > 3_000)
                {
                    return;
                }

                masked++;
                Assert.Equal("before →******→ after", new Redactor([secret]).Redact($"before →{escaped}→ after"));
            },
            iter: 5_000,
            threads: 1);
        Assert.True(masked > 2_000, $"{masked} masked");
    }

    [Fact]
    public void No_output_contains_a_secret_or_unescapes_to_it()
    {
        // Pieces that end in or continue an escape make what is around a secret run into it.
        Gen<string> piece = Gen.OneOf(
            Gen.OneOf("%", "%2", "25", "%25", "\\", "\\\\", @"\u00", "u", "&", "&amp;", "amp;", "&#", "#", "x", ";"),
            Gen.OneOf("n", "a", "4", "1", " ", "*", "******"),
            Gen.String[Gen.Char[' ', '~'], 0, 3]);
        int masked = 0;
        Gen.Select(Secrets(), Gen.Select(piece.Array[0, 3], Gen.Int[-1, s_encoders.Length - 1].Array[0, 3]).Array[1, 3]).Sample(
            (secret, parts) =>
            {
                var text = new StringBuilder();
                foreach ((string[] pieces, int[] nesting) in parts)
                {
                    text.Append(string.Concat(pieces));
                    text.Append(nesting.Aggregate(secret, (escaped, encoder) => encoder < 0 ? escaped : s_encoders[encoder](escaped)));
                }

                if (text.Length > 3_000)
                {
                    return;
                }

                string redacted = new Redactor([secret]).Redact(text.ToString());

                masked += redacted == Redactor.Mask ? 0 : 1;
                foreach (string reading in ReadingsOf(redacted))
                {
                    Assert.DoesNotContain(secret, reading, StringComparison.OrdinalIgnoreCase);
                }
            },
            iter: 5_000,
            threads: 1);
        Assert.True(masked > 1_000, $"{masked} masked");
    }

    // Every text that .NET's decoders make of it, in any order.
    private static HashSet<string> ReadingsOf(string text)
    {
        HashSet<string> readings = [text];
        var left = new Queue<string>(readings);
        while (readings.Count < 200 && left.TryDequeue(out string? next))
        {
            foreach (Func<string, string> decode in s_decoders)
            {
                string decoded = decode(next);
                if (readings.Add(decoded))
                {
                    left.Enqueue(decoded);
                }
            }
        }

        return readings;
    }

    // As a string of JSON; what is no escape stays as it is.
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
            else if ("\"\\/".Contains(text[i + 1], StringComparison.Ordinal))
            {
                decoded.Append(text[++i]);
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        return decoded.ToString();
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
