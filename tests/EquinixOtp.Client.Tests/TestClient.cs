using System.Net;
using System.Security;

namespace EquinixOtp.Client.Tests;

/// <summary>Clients for tests, and the client's operations with secrets as text.</summary>
internal static class TestClient
{
    /// <summary>Creates a client of a server that retries without a delay.</summary>
    public static MetalOtpClient For(LoopbackServer server, int maxRetries = 2, TimeProvider? clock = null) =>
        Create(new() { BaseUrl = server.BaseUrl, MaxRetries = maxRetries, RetryInterval = TimeSpan.Zero }, clock);

    /// <summary>Creates a client with the token of <see cref="Canary"/>.</summary>
    public static MetalOtpClient Create(MetalOtpClientOptions options, TimeProvider? clock = null) =>
        new(options with { Token = Secure(Canary.Token) }, clock ?? TimeProvider.System);

    /// <summary>Creates a client with the same options and another token.</summary>
    public static MetalOtpClient As(this MetalOtpClient client, string token) =>
        new(client.Options with { Token = Secure(token) });

    /// <summary>The https URL of a server without TLS.</summary>
    public static Uri Https(LoopbackServer server) => new UriBuilder(server.BaseUrl) { Scheme = "https" }.Uri;

    public static Task<OtpVerification> VerifyAsync(this MetalOtpClient client, string otp, IMetalOtpObserver? observer = null) =>
        client.VerifyAsync(Secure(otp), observer);

    public static Task<OtpVerification> VerifyTotpAsync(this MetalOtpClient client, string totpSecret) =>
        client.VerifyTotpAsync(Secure(totpSecret));

    public static SecureString Secure(string text) => new NetworkCredential(string.Empty, text).SecurePassword;
}
