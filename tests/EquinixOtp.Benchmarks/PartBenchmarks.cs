using System.Text;
using BenchmarkDotNet.Attributes;
using EquinixOtp.Client.Redaction;
using EquinixOtp.Client.Requests;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Benchmarks;

/// <summary>The parts of a call besides the network: parsing, redaction, TOTP.</summary>
[MemoryDiagnoser]
public class PartBenchmarks
{
    private readonly byte[] _codes = Encoding.UTF8.GetBytes(
        "{\"recovery_codes\":[" + string.Join(",", Enumerable.Range(0, 10).Select(i => $"\"{i:D5}-abcde\"")) + "]}");

    private readonly Redactor _redactor = new(["0123456789abcdef0123456789abcdef", "123456"]);

    [Benchmark]
    public IReadOnlyList<string> ParseRecoveryCodes() => ResponseParser.ParseRecoveryCodes(_codes);

    [Benchmark]
    public string RedactRequestId() => _redactor.Redact("4f1c6d0a-6a4e-4b55-8f5e-3b8f2a1d9c77");

    [Benchmark]
    public string RedactEchoedSecret() => _redactor.Redact("Invalid OTP 123456 for 0123456789ABCDEF0123456789abcdef\u001b[31m");

    [Benchmark]
    public string TotpCode() => TotpSecret.Parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").ComputeCode(DateTimeOffset.UnixEpoch);
}
