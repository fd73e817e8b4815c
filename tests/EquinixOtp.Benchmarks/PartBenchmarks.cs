using BenchmarkDotNet.Attributes;
using EquinixOtp.Client;

namespace EquinixOtp.Benchmarks;

/// <summary>What a call does besides the network: parsing, redaction, TOTP.</summary>
[MemoryDiagnoser]
public class PartBenchmarks
{
    private readonly string _codes =
        "{\"recovery_codes\":[" + string.Join(",", Enumerable.Range(0, 10).Select(i => $"\"{i:D5}-abcde\"")) + "]}";

    private readonly SecretText _secretText = new("0123456789abcdef0123456789abcdef", "123456");

    [Benchmark]
    public IReadOnlyList<string> ParseRecoveryCodes() => AnswerReader.RecoveryCodes(_codes);

    [Benchmark]
    public string CleanRequestId() => _secretText.Clean("4f1c6d0a-6a4e-4b55-8f5e-3b8f2a1d9c77");

    [Benchmark]
    public string CleanEchoedSecret() => _secretText.Clean("Invalid OTP 123456 for 0123456789ABCDEF0123456789abcdef\u001b[31m");

    [Benchmark]
    public string TotpCode() => TotpSecret.ComputeCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", DateTimeOffset.UnixEpoch);
}
