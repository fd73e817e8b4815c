using System.Net;
using System.Security;

namespace EquinixOtp.Client.Tests;

/// <summary>Clients for tests, and the client's operations with secrets as text.</summary>
internal static class TestClient
{
    /// <summary>A client of the server that does not wait between attempts.</summary>
    public static MetalOtpClient For(LoopbackServer server, int maxRetries = 2, TimeProvider? clock = null) =>
        Create(new() { BaseUrl = server.BaseUrl, MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero }, clock);

    /// <summary>A client with the canary's token.</summary>
    public static MetalOtpClient Create(MetalOtpClientOptions options, TimeProvider? clock = null) =>
        new(options with { Token = Secure(Canary.Token) }, clock ?? TimeProvider.System);

    /// <summary>The client's options with another token.</summary>
    public static MetalOtpClient As(this MetalOtpClient client, string token) =>
        new(client.Options with { Token = Secure(token) });

    public static Task<OtpVerification> VerifyAsync(
        this MetalOtpClient client, string otp, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        client.VerifyAsync(Secure(otp), observer, cancellationToken);

    public static Task<OtpVerification> VerifyTotpAsync(
        this MetalOtpClient client, string totpSecret, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default) =>
        client.VerifyTotpAsync(Secure(totpSecret), observer, cancellationToken);

    private static SecureString Secure(string text) => new NetworkCredential(string.Empty, text).SecurePassword;
}
