using System.Net;

namespace EquinixOtp.Client.Tests;

/// <summary>Secrets that equal an ordinary word or a part of the URL.</summary>
public class SecretAsWordTests
{
    [Theory]
    [InlineData("OTP", "Invalid OTP")]
    [InlineData("Invalid", "Invalid OTP")]
    [InlineData("user", "The one-time password of the user is wrong")]
    public async Task OTP_that_is_a_word_of_the_message_is_still_a_rejected_OTP(string otp, string message)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(401, $$"""{"error":"{{message}}"}"""));
        using MetalOtpClient client = TestClient.For(server);

        var e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync(otp));

        Assert.Equal(MetalOtpErrorKind.OtpRejected, e.Kind);
    }

    [Theory]
    [InlineData("user", "T", "metal")]
    [InlineData("verify", "metal", "user")]
    [InlineData("otp", "POST", "v1")]
    public async Task Clients_own_text_is_the_same_for_every_secret(string otp, string token, string proxyPassword)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, string.Empty));
        using var client = new MetalOtpClient(new()
        {
            BaseUrl = new Uri("http://127.0.0.1:9/metal/v1"),
            Token = new NetworkCredential(string.Empty, token).SecurePassword,
            Proxy = new Uri($"http://127.0.0.1:{server.Port}"),
            ProxyCredential = new NetworkCredential("u", proxyPassword),
        });
        var observer = new RecordingObserver();

        var e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync(otp, observer));

        Assert.Equal("The API rejected the OTP (POST /metal/v1/user/otp/verify/******, HTTP 400).", e.Message);
        Assert.Equal("/metal/v1/user/otp/verify/******", Assert.Single(observer.Reports).Url.AbsolutePath);
    }

    [Fact]
    public async Task Echo_of_a_short_OTP_costs_little()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, $$"""{"error":"{{new string('*', 900_000)}}"}"""));
        using MetalOtpClient client = TestClient.For(server);
        await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync("*"));
        long before = GC.GetTotalAllocatedBytes(precise: true);

        await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync("*"));

        // The old redaction allocated 270 MB.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 50 * 1024 * 1024);
    }
}
