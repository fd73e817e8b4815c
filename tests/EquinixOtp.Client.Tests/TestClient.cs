namespace EquinixOtp.Client.Tests;

internal static class TestClient
{
    /// <summary>A client of the server that doesn't wait between attempts.</summary>
    public static MetalOtpClient For(LoopbackServer server, int maxRetries = 2, TimeProvider? clock = null) => new(
        new MetalOtpClientOptions { BaseUrl = server.BaseUrl, MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero },
        clock ?? TimeProvider.System);
}
