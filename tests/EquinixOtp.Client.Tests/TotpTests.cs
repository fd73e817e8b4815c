using System.Text;
using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace EquinixOtp.Client.Tests;

public class TotpTests
{
    // RFC 6238, appendix B: the seed is as long as the hash.
    private const string Seed = "1234567890123456789012345678901234567890123456789012345678901234";

    [Theory]
    [InlineData(59L, "94287082", "46119246", "90693936")]
    [InlineData(1111111109L, "07081804", "68084774", "25091201")]
    [InlineData(1111111111L, "14050471", "67062674", "99943326")]
    [InlineData(1234567890L, "89005924", "91819424", "93441116")]
    [InlineData(2000000000L, "69279037", "90698825", "38618901")]
    [InlineData(20000000000L, "65353130", "77737706", "47863826")]
    public async Task The_vectors_of_RFC_6238_hold(long seconds, string sha1, string sha256, string sha512)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(sha1, await SendAsync($"otpauth://totp/x?secret={Base32(20)}&digits=8", now));
        Assert.Equal(sha256, await SendAsync($"otpauth://totp/x?secret={Base32(32)}&digits=8&algorithm=SHA256", now));
        Assert.Equal(sha512, await SendAsync($"otpauth://totp/x?secret={Base32(64)}&digits=8&algorithm=SHA512", now));
        Assert.Equal(sha1[2..], await SendAsync(Base32(20), now));
    }

    [Theory]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    [InlineData("gezdgnbvgy3tqojqgezdgnbvgy3tqojq")]
    [InlineData("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")]
    [InlineData(" GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ\n")]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====")]
    [InlineData("otpauth://totp/Equinix:a@b.c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Equinix%20Metal")]
    [InlineData("OTPAUTH://TOTP/x?secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq")]
    [InlineData(" otpauth://totp/x?issuer=y&secret=GEZD%20GNBV%20GY3T%20QOJQ%20GEZD%20GNBV%20GY3T%20QOJQ ")]
    [InlineData("otpauth://totp/?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6&period=30&algorithm=sha1")]
    public async Task Each_way_of_writing_a_secret_means_the_same(string secret) =>
        Assert.Equal("287082", await SendAsync(secret, DateTimeOffset.FromUnixTimeSeconds(59)));

    [Theory]
    [InlineData("digits=6", 6)]
    [InlineData("digits=7", 7)]
    [InlineData("digits=8", 8)]
    public async Task Digits_are_honoured(string parameter, int length) =>
        Assert.Equal(
            "94287082"[^length..],
            await SendAsync($"otpauth://totp/x?secret={Base32(20)}&{parameter}", DateTimeOffset.FromUnixTimeSeconds(59)));

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(3600)]
    public async Task A_period_is_honoured(int period)
    {
        DateTimeOffset start = DateTimeOffset.FromUnixTimeSeconds(period * 7_000L);
        string secret = $"otpauth://totp/x?secret={Base32(20)}&period={period}";

        string code = await SendAsync(secret, start);

        // The counter decides alone, so period and time may grow together.
        Assert.Equal(await SendAsync(Base32(20), DateTimeOffset.FromUnixTimeSeconds(30 * 7_000L)), code);
        Assert.Equal(code, await SendAsync(secret, start.AddSeconds(period - 0.001)));
        Assert.NotEqual(code, await SendAsync(secret, start.AddSeconds(period)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("====")]
    [InlineData("A")]
    [InlineData("GEZDGNBV1")]
    [InlineData("GEZDGNBV!")]
    [InlineData("GEZDGNBVé")]
    [InlineData("GEZD=GNBV")]
    [InlineData("GEZDGNBV\nGEZDGNBV")]
    [InlineData("https://totp/x?secret=GEZDGNBV")]
    [InlineData("otpauth://hotp/x?secret=GEZDGNBV&counter=0")]
    [InlineData("otpauth://totp/x")]
    [InlineData("otpauth://totp/x?secret=")]
    [InlineData("otpauth://totp/x?secret=18")]
    [InlineData("otpauth:totp")]
    [InlineData("otpauth://")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=5")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=9")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=six")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=0")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=-30")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=3601")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&period=99999999999")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5")]
    public async Task What_is_no_secret_is_refused_unsent_and_not_quoted(string secret)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyTotpAsync(secret));

        Assert.Equal(MetalOtpErrorKind.InvalidTotpSecret, e.Kind);
        Assert.DoesNotContain("GEZD", e.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task The_current_code_is_sent_and_a_rejected_one_is_not_tried_again()
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(424, """{"errors":["Invalid OTP"]}"""));
        var clock = new TestClock();
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        await Operation.VerifyTotp.RunAsync(client, MetalOtpErrorKind.OtpRejected);

        Assert.Equal("/metal/v1/user/otp/verify/" + Canary.CodeAt(clock.GetUtcNow()), Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task A_clock_that_jumps_during_a_wait_changes_the_code_and_nothing_else()
    {
        var clock = new TestClock();
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Json(429, "{}", "Retry-After: 10"), Answer.NoContent);
        using var client = TestClient.Create(new() { BaseUrl = server.BaseUrl }, clock);
        var observer = new RecordingObserver { Waiting = _ => clock.Advance(TimeSpan.FromDays(400)) };
        Task call = client.VerifyTotpAsync(Canary.TotpSecret, observer);

        await clock.AdvanceWhenDueAsync(TimeSpan.FromSeconds(10));
        await call.WaitAsync(Condition.Limit);

        Assert.Equal(2, server.Requests.Count);
        Assert.EndsWith("/" + Canary.CodeAt(clock.GetUtcNow()), server.Requests.Last().Target, StringComparison.Ordinal);
    }

    // The code that a client sends at a time.
    private static async Task<string> SendAsync(string secret, DateTimeOffset now)
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.NoContent);
        using MetalOtpClient client = TestClient.For(server, clock: new FakeTimeProvider(now));
        await client.VerifyTotpAsync(secret);
        return Assert.Single(server.Requests).Target.Split('/')[^1];
    }

    private static string Base32(int length) => Base32Encoding.ToString(Encoding.ASCII.GetBytes(Seed[..length])).TrimEnd('=');
}
