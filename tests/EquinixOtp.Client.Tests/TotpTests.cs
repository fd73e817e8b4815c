namespace EquinixOtp.Client.Tests;

public class TotpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("GEZDGNBV1")]
    [InlineData("otpauth://totp/x?secret=GEZDGNBV&digits=5")]
    public async Task What_is_no_secret_is_refused_unsent_and_not_quoted(string secret)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => client.VerifyTotpAsync(secret));

        Assert.Equal(MetalOtpErrorKind.InvalidTotpSecret, e.Kind);
        Assert.DoesNotContain("GEZD", e.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task The_current_code_is_sent_and_a_rejected_one_is_not_tried_again()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(424, """{"errors":["Invalid OTP"]}"""));
        var clock = new TestClock();
        using MetalOtpClient client = TestClient.For(server, clock: clock);

        await Operation.VerifyTotp.RunAsync(client, MetalOtpErrorKind.OtpRejected);

        Assert.Equal("/metal/v1/user/otp/verify/" + Canary.CodeAt(clock.GetUtcNow()), Assert.Single(server.Requests).Target);
    }
}
