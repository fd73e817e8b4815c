using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

/// <summary>What holds for any input at all. Everything is sent to this machine, whatever is generated.</summary>
public class PropertyTests
{
    private const int Iterations = 2_000;

    // Text of all sorts: what URLs and headers give a meaning, other scripts, half characters, and anything else.
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char["/\\?#%&=+:;@.,!*'()[]{}<>|^`~\"$ -_\0\t\r\n\u007F012AaZz\u00A0é\u0301\u0130\u0131ß\u200B\u202E\u2028\uFEFF\uFFFE\uD83D\uDD11"], 0, 20],
        Gen.String[Gen.Char[' ', '~'], 0, 30],
        Gen.OneOf("%2F", "%2e%2e", "..", ".", "../..", "%", "%%", "%00", "%c0%ae", "//", "\\\\", "123456\r\nX-Evil: 1", "\U0001F511", "@127.0.0.1:1/", "012345"));

    [Fact]
    public async Task Any_OTP_is_refused_or_arrives_as_exactly_that_path_segment()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);
        int sent = 0;
        await s_text.SampleAsync(
            async otp =>
            {
                int before = server.Requests.Count;
                MetalOtpException? refused = await RefusalAsync(() => client.VerifyAsync(otp));
                if (refused is not null)
                {
                    Assert.Equal(MetalOtpErrorKind.InvalidOtp, refused.Kind);
                    Assert.Equal(before, server.Requests.Count);
                    return;
                }

                sent++;
                Assert.Equal(before + 1, server.Requests.Count);
                string[] segments = server.Requests[^1].Target.Split('/');
                Assert.Equal(["", "metal", "v1", "user", "otp", "verify"], segments[..^1]);
                Assert.Equal(OtpText.Normalize(otp), Uri.UnescapeDataString(segments[^1]));
                Assert.DoesNotContain(segments[^1], c => c is '?' or '#' or > '~' or <= ' ');
            },
            iter: Iterations,
            threads: 1);
        Assert.True(sent > Iterations / 10, $"{sent} sent");
    }

    [Fact]
    public async Task Any_token_is_refused_or_arrives_as_exactly_that_header_and_no_other()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        await client.GetRecoveryCodesAsync();
        string[] others = Others(server.Requests[^1]);
        int sent = 0;
        await s_text.SampleAsync(
            async token =>
            {
                int before = server.Requests.Count;
                MetalOtpException? refused = await RefusalAsync(() => client.As(token).GetRecoveryCodesAsync());
                if (refused is not null)
                {
                    Assert.Equal(MetalOtpErrorKind.InvalidToken, refused.Kind);
                    Assert.Equal(before, server.Requests.Count);
                    return;
                }

                sent++;
                Assert.Equal(before + 1, server.Requests.Count);
                RecordedRequest request = server.Requests[^1];
                Assert.Equal(token, request.Header("X-Auth-Token"));
                Assert.Equal(others, Others(request));
            },
            iter: Iterations,
            threads: 1);
        Assert.True(sent > Iterations / 10, $"{sent} sent");

        static string[] Others(RecordedRequest request) =>
            [.. request.HeaderLines.Where(line => !line.StartsWith("X-Auth-Token: ", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task Any_base_URL_is_refused_or_is_the_only_origin_contacted()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer decoy = LoopbackServer.Responding(Response.Good);
        string[] loopback = ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"];
        string[] elsewhere = ["192.0.2.1", "host.invalid", "localhost.", "localhost.invalid", "127.0.0.1.invalid", "[2001:db8::1]", "0.0.0.0", "loc\u0430lhost", "", "%6cocalhost"];
        string decoyAuthority = $"127.0.0.1:{decoy.Port}";
        Gen<string> scheme = Gen.Frequency((8, Gen.OneOf("http://", "HTTP://", "http:\\\\")), (1, Gen.OneOf("https://", "ftp://", "http:", "", "//", "http:///")));
        Gen<string> user = Gen.Frequency((8, Gen.Const("")), (1, Gen.OneOf(Gen.OneOf("@", ":@", "user@", "user:password@", $"{decoyAuthority}@", $"{decoyAuthority}\\@"), s_text.Select(text => text + "@"))));
        Gen<string> host = Gen.Frequency((8, Gen.OneOf(loopback)), (1, Gen.OneOf(elsewhere)));
        Gen<string> port = Gen.Frequency((8, Gen.Const($":{server.Port}")), (1, Gen.OneOf($":0{server.Port}", $":{server.Port} ", ":", ":0", ":65536", ":-1", $":{server.Port}:{decoy.Port}", $":{server.Port}@{decoyAuthority}")));
        Gen<string> tail = Gen.Frequency((3, Gen.OneOf("", "/", "/metal/v1", "//", $"//{decoyAuthority}/", $"/\\{decoyAuthority}", "/..//..", $"/http://{decoyAuthority}")), (2, s_text.Select(text => "/" + text)), (1, s_text));
        int sent = 0;
        await Gen.Select(scheme, user, host, port, tail).SampleAsync(
            async parts =>
            {
                string text = string.Concat(parts.Item1, parts.Item2, parts.Item3, parts.Item4, parts.Item5);
                if (!Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? url))
                {
                    return;
                }

                int before = server.Requests.Count;
                MetalOtpClient client;
                try
                {
                    client = TestClient.Create(new() { BaseUrl = url, MaxRetries = 0, NoProxy = true });
                }
                catch (MetalOtpException e)
                {
                    Assert.True(e.Kind is MetalOtpErrorKind.InvalidApiUrl or MetalOtpErrorKind.InsecureApiUrl, $"{text}: {e.Kind}");
                    return;
                }

                // What is not refused goes to this machine when it is plain http. Nothing is sent to any other.
                bool isHere = url.Host == "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address));
                Assert.True(isHere || url.Scheme == "https", text);
                if (!isHere || url.Port != server.Port)
                {
                    return;
                }

                Exception? thrown = await Record.ExceptionAsync(() => client.GetRecoveryCodesAsync());
                Assert.True(thrown is null or MetalOtpException, $"{text}: {thrown}");
                Assert.Equal(0, decoy.ConnectionCount);
                if (url.Scheme == "http")
                {
                    sent++;
                    Assert.Null(thrown);
                    Assert.Equal(before + 1, server.Requests.Count);
                    Assert.Equal(url.AbsolutePath.TrimEnd('/') + "/user/otp/recovery-codes", server.Requests[^1].Target);
                }
            },
            iter: Iterations,
            threads: 1);
        Assert.True(sent > Iterations / 10, $"{sent} sent");
    }

    [Fact]
    public async Task Any_bytes_as_an_answer_give_codes_or_a_contract_error()
    {
        byte[] answer = [];
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(answer);
        });
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);
        int succeeded = 0;
        int failed = 0;
        await Gen.Select(Answers(), Gen.Enum<Operation>()).SampleAsync(
            async (bytes, operation) =>
            {
                answer = bytes;
                var observer = new RecordingObserver();
                Exception? thrown = await Record.ExceptionAsync(() => operation.RunAsync(client, observer));

                Assert.True(thrown is null or MetalOtpException, thrown?.ToString());
                Assert.Equal((thrown as MetalOtpException)?.Kind, Assert.Single(observer.Reports).Error);
                Assert.DoesNotContain(thrown?.Message ?? string.Empty, char.IsControl);
                _ = thrown is null ? succeeded++ : failed++;
            },
            iter: Iterations,
            threads: 1);
        Assert.True(succeeded > Iterations / 100 && failed > Iterations / 100, $"{succeeded} succeeded, {failed} failed");
    }

    // Noise, real heads with noise for a body, JSON with the wrong values, and good answers that were damaged.
    private static Gen<byte[]> Answers()
    {
        Gen<byte[]> noise = Gen.Byte.Array[0, 300];
        Gen<byte[]> bodies = Gen.Select(
            Gen.OneOf(Gen.Int[200, 204], Gen.Int[100, 999]),
            Gen.OneOf(noise, Json().Select(Encoding.UTF8.GetBytes)),
            (status, body) => (byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
        Gen<byte[]> damaged = Gen.Select(
            Gen.OneOf(Response.Good, Response.NoContent, Response.Json(429, """{"error":"x"}""", "Retry-After: 120"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
            Gen.Int[0, 200],
            Gen.Int[0, 3],
            Gen.Byte.Array[0, 3],
            (text, at, length, patch) =>
            {
                byte[] good = Encoding.UTF8.GetBytes(text);
                at = Math.Min(at, good.Length);
                return (byte[])[.. good[..at], .. patch, .. good[Math.Min(at + length, good.Length)..]];
            });
        return Gen.OneOf(noise, bodies, damaged);
    }

    private static Gen<string> Json()
    {
        Gen<string> scalar = Gen.OneOf(
            Gen.OneOf("null", "true", "1", "-1e999", "\"\"", "\"one\"", "\"\\u0000\"", "\"\\ud83d\"", "1/0", "NaN", "new Date(0)", "'x'", "undefined"),
            s_text.Select(text => JsonSerializer.Serialize(text)));
        Gen<string> value = Gen.OneOf(
            scalar,
            scalar.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            scalar.Select(item => $$"""{"a":{{item}}}"""));
        return Gen.Select(
            Gen.OneOf("recovery_codes", "token", "error", "errors", "x"), value, (name, item) => $$"""{"{{name}}":{{item}}}""");
    }

    private static async Task<MetalOtpException?> RefusalAsync(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(Condition.Limit);
            return null;
        }
        catch (MetalOtpException e)
        {
            return e;
        }
    }
}
