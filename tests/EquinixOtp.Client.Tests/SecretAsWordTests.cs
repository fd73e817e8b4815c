using System.Net;

namespace EquinixOtp.Client.Tests;

/// <summary>Secrets that equal a word of a message or a part of the URL.</summary>
public class SecretAsWordTests
{
    [Theory]
    [InlineData("OTP", "Invalid OTP")]
    [InlineData("user", "The one-time password of the user is wrong")]
    public async Task Rejection_is_recognised_if_the_OTP_is_a_word_of_its_message(string otp, string message)
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
    public async Task Text_of_the_client_is_the_same_for_every_secret(string otp, string token, string proxyPassword)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(400, string.Empty));
        using var client = new MetalOtpClient(new()
        {
            BaseUrl = new Uri("http://127.0.0.1:9/metal/v1"),
            Token = TestClient.Secure(token),
            Proxy = new Uri($"http://127.0.0.1:{server.Port}"),
            ProxyCredential = new NetworkCredential("u", proxyPassword),
        });
        var observer = new RecordingObserver();

        var e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyAsync(otp, observer));

        Assert.Equal("The API rejected the OTP (POST /metal/v1/user/otp/verify/******, HTTP 400).", e.Message);
        Assert.Equal("/metal/v1/user/otp/verify/******", Assert.Single(observer.Reports).Url.AbsolutePath);
    }
}
