using System.Net;
using System.Security;
using BenchmarkDotNet.Attributes;
using EquinixOtp.Client;
using EquinixOtp.Tests;

namespace EquinixOtp.Benchmarks;

/// <summary>A warm call of the client, and the same request with a bare HttpClient, which reads the body as text.</summary>
[MemoryDiagnoser]
public class CallBenchmarks
{
    private readonly LoopbackServer _server = BenchmarkServer.Start();
    private readonly HttpClient _http = new(new HttpClientHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private MetalOtpClient _client = null!;
    private Uri _codes = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _codes = new Uri(_server.BaseUrl + "/user/otp/recovery-codes");
        _client = new MetalOtpClient(new MetalOtpClientOptions { BaseUrl = _server.BaseUrl, Token = Secure("token") });
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        _client.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public async Task<string> BareHttpClient()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _codes);
        request.Headers.Add("X-Auth-Token", "token");
        using HttpResponseMessage response = await _http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    [Benchmark]
    public Task<IReadOnlyList<string>> GetRecoveryCodes() => _client.GetRecoveryCodesAsync();

    [Benchmark]
    public Task<OtpVerification> Verify() => _client.VerifyAsync(Secure("012345"));

    [Benchmark]
    public Task<OtpVerification> VerifyTotp() => _client.VerifyTotpAsync(Secure("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));

    private static SecureString Secure(string text) => new NetworkCredential(string.Empty, text).SecurePassword;
}
