using System.Text;
using EquinixOtp.Client.Requests;
using OtpNet;

namespace EquinixOtp.Client.Tests;

public class TotpSecretTests
{
    private const string Base32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private const string Grouped = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";

    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(59);

    // RFC 6238, appendix B: the seed is as long as the hash.
    [Theory]
    [InlineData(59L, "94287082", "46119246", "90693936")]
    [InlineData(1111111109L, "07081804", "68084774", "25091201")]
    [InlineData(1111111111L, "14050471", "67062674", "99943326")]
    [InlineData(1234567890L, "89005924", "91819424", "93441116")]
    [InlineData(2000000000L, "69279037", "90698825", "38618901")]
    [InlineData(20000000000L, "65353130", "77737706", "47863826")]
    public void Code_is_the_one_of_RFC_6238(long seconds, string sha1, string sha256, string sha512)
    {
        const string Seed = "1234567890123456789012345678901234567890123456789012345678901234";
        (string, int, string)[] cases = [("SHA1", 20, sha1), ("SHA256", 32, sha256), ("SHA512", 64, sha512)];
        foreach ((string algorithm, int length, string expected) in cases)
        {
            string base32 = Base32Encoding.ToString(Encoding.ASCII.GetBytes(Seed[..length])).TrimEnd('=');
            DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(seconds);

            Assert.Equal(expected, ComputeCode($"otpauth://totp/x?secret={base32}&digits=8&algorithm={algorithm}", now));
            Assert.Equal(expected[1..], ComputeCode($"otpauth://totp/x?secret={base32}&digits=7&algorithm={algorithm}", now));
        }
    }

    [Theory]
    [InlineData(Base32)]
    [InlineData("gezdgnbvgy3tqojqgezdgnbvgy3tqojq")]
    [InlineData(Grouped)]
    [InlineData("\u00A0GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ\r\n")]
    [InlineData(Base32 + "====")]
    [InlineData("otpauth://totp/Equinix:a@b.c?secret=" + Base32 + "&issuer=Equinix%20Metal")]
    [InlineData("OTPAUTH://TOTP/Equinix?SECRET=" + Base32 + "&DIGITS=6&Period=30&ALGORITHM=sha1")]
    [InlineData(" otpauth://totp/x?issuer=y&secret=GEZD%20GNBV+GY3T-QOJQ%20GEZD%20GNBV%20GY3T%20QOJQ&secret2=z ")]
    [InlineData("otpauth://totp?secret=" + Base32)]
    [InlineData("otpauth://totp/a b#1 [x]?secret=" + Base32 + "#fragment")]
    [InlineData("otpauth://totp/x?secret=" + Base32 + "&digits=&period=&algorithm=")]
    [InlineData("otpauth://totp/x?secret=" + Base32 + "&issuer=a?b")]
    [InlineData("otpauth://totp/x?secret=" + Base32 + "&algorithm=SHA-1&issuer=x&issuer=x")]
    [InlineData("otpauth://totp/x?secret=" + Base32 + "&algorithm=HmacSHA1")]
    [InlineData("otpauth://totp/x?&secret=" + Base32 + "&&algorithm=HMAC-SHA-1")]
    public void Secret_of_any_accepted_form_gives_the_same_code(string secret) => Assert.Equal("287082", ComputeCode(secret, s_now));

    [Theory]
    [InlineData("SHA-256", "SHA256")]
    [InlineData("hmac_sha256", "SHA256")]
    [InlineData("HmacSHA512", "SHA512")]
    public void Algorithm_is_recognised_by_its_common_names(string name, string standardName) =>
        Assert.Equal(
            ComputeCode($"otpauth://totp/x?secret={Base32}&algorithm={standardName}", s_now),
            ComputeCode($"otpauth://totp/x?secret={Base32}&algorithm={name}", s_now));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(8)]
    public void Secret_of_whole_bytes_is_accepted(int length) =>
        Assert.Equal(
            new Totp(Base32Encoding.ToBytes(Base32[..length])).ComputeTotp(s_now.UtcDateTime),
            ComputeCode(Base32[..length], s_now));

    [Theory]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")]
    [InlineData("abcdefghijklmnopqrstuvwxyz234567")]
    public void Each_base32_character_is_accepted(string secret) =>
        Assert.Equal(new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(s_now.UtcDateTime), ComputeCode(secret, s_now));

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(3600)]
    public void Code_changes_when_the_period_ends(int period)
    {
        TotpSecret secret = TotpSecret.Parse($"otpauth://totp/x?secret={Base32}&period={period}");
        DateTimeOffset start = DateTimeOffset.FromUnixTimeSeconds(period * 7_000L);
        DateTimeOffset next = start.AddSeconds(period);

        Assert.Equal(secret.ComputeCode(start), secret.ComputeCode(next.AddMilliseconds(-1)));
        Assert.NotEqual(secret.ComputeCode(start), secret.ComputeCode(next));
    }

    [Theory]
    [InlineData("", "empty", "variable")]
    [InlineData("====", "no base32")]
    [InlineData("A", "length")]
    [InlineData("GEZDGN", "length")]
    [InlineData("GEZDGNBVG", "length")]
    [InlineData(Base32 + "GEZ====", "length")]
    [InlineData("234567234", "length")]
    [InlineData("234567", "6 digits", "code")]
    [InlineData("234569", "6 digits", "code")]
    [InlineData("23456723", "8 digits", "code")]
    [InlineData("012345", "6 digits", "code")]
    [InlineData("GEZDGNBV1", "not base32")]
    [InlineData("!GEZDGNB", "not base32")]
    [InlineData("GEZDGNBé", "not base32")]
    [InlineData("GEZD=GNBV", "not base32")]
    [InlineData("GEZDGNBV\nGEZDGNBV", "line break", "U+000A")]
    [InlineData("GEZDGNBV\r\nGEZDGNBV", "line break", "U+000D")]
    [InlineData("GEZD\u0085GNBV", "line break", "U+0085")]
    [InlineData("GEZD\u2028GNBV", "line break", "U+2028")]
    [InlineData("GEZD\u2029GNBV", "line break", "U+2029")]
    [InlineData("GEZD\u00A0GNBV", "no-break space", "U+00A0")]
    [InlineData("GEZD\u2007GNBV", "no-break space", "U+2007")]
    [InlineData("GEZD\u202FGNBV", "no-break space", "U+202F")]
    [InlineData("GEZD\tGNBV", "white space", "U+0009")]
    [InlineData("GEZD\u2009GNBV", "white space", "U+2009")]
    [InlineData("GEZD\u200BGNBV", "invisible", "U+200B")]
    [InlineData("https://totp/x?secret=GEZDGNBV", "otpauth://totp/")]
    [InlineData("Secret: GEZDGNBV", "otpauth://totp/")]
    [InlineData(":GEZDGNBV", "otpauth://totp/")]
    [InlineData("otpauth-migration://offline?data=GEZDGNBV", "otpauth-migration")]
    [InlineData("steam://GEZDGNBV", "Steam")]
    [InlineData("otpauth://steam/x?secret=GEZDGNBV", "Steam")]
    [InlineData("otpauth://totp/Steam:x?secret=GEZDGNBV&encoder=steam", "Steam")]
    [InlineData("otpauth://totp/Steam:x?secret=GEZDGNBV&encoder=Steam", "Steam")]
    [InlineData("otpauth://hotp/x?secret=GEZDGNBV&counter=0", "HOTP")]
    [InlineData("otpauth://GEZDGNBV/x", "type")]
    [InlineData("otpauth:xxtotp/x?secret=GEZDGNBV", "otpauth://totp/")]
    [InlineData("otpauth://", "type")]
    [InlineData("otpauth://totp/x", "'secret'")]
    [InlineData("otpauth://totp/x&secret=GEZDGNBV", "'secret'")]
    [InlineData("otpauth://totp/x?secret=", "'secret'", "empty")]
    [InlineData("otpauth://totp/x?secret=GEZD=GNBV", "'secret'", "not base32")]
    [InlineData("otpauth://totp/x?secret=GEZDG8", "'secret'", "not base32")]
    [InlineData("otpauth://totp/x?secret=GEZDGN", "'secret'", "length")]
    [InlineData("otpauth://totp/x?secret=234567", "'secret'", "code")]
    [InlineData("otpauth://totp/x?secret=GEZD%0AGNBV", "'secret'", "line break")]
    [InlineData("otpauth://totp/x?secret=GEZD%C2%A0GNBV", "'secret'", "no-break space")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=5", "'digits'", "6 to 8")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=9", "'digits'")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=GEZDGNBV", "'digits'")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=0", "'period'", "1 to 3600")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=3601", "'period'")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=99999999999", "'period'")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5", "'algorithm'", "SHA256")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&algorithm=SHA512/256", "'algorithm'")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&Secret=GEZDGNBV", "'secret'", "more than once")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=6&digits=6", "'digits'", "more than once")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=30&PERIOD=60", "'period'", "more than once")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&algorithm=SHA1&algorithm=", "'algorithm'", "more than once")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&amp;digits=8", "&amp;")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&AMP;digits=8", "&amp;")]
    public void Invalid_secret_is_rejected_with_its_reason_and_not_quoted(string secret, params string[] reasons)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => TotpSecret.Parse(secret));

        Assert.Equal(MetalOtpErrorKind.InvalidTotpSecret, e.Kind);
        Assert.All(reasons, reason => Assert.Contains(reason, e.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("GEZ", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("2345", e.Message, StringComparison.Ordinal);
    }

    // Not data of a theory: attributes cannot hold a lone surrogate.
    [Fact]
    public void Lone_surrogate_is_rejected() => Invalid_secret_is_rejected_with_its_reason_and_not_quoted("GEZDGNBV\uD83D", "U+D83D");

    private static string ComputeCode(string secret, DateTimeOffset now) => TotpSecret.Parse(secret).ComputeCode(now);
}
