using OtpNet;

namespace EquinixOtp.Client.Tests;

internal static class TestClient
{
    /// <summary>A client of the server that doesn't wait between attempts.</summary>
    public static MetalOtpClient For(LoopbackServer server, int maxRetries = 2, TimeProvider? clock = null) => new(
        new MetalOtpClientOptions { BaseUrl = server.BaseUrl, MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero },
        clock ?? TimeProvider.System);

    /// <summary>What the canary's authenticator shows now.</summary>
    public static string CodeOfCanary(TestClock clock) =>
        new Totp(Base32Encoding.ToBytes(Canary.TotpSecret)).ComputeTotp(clock.GetUtcNow().UtcDateTime);
}
