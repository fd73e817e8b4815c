using System.Net;
using System.Text;
using CsCheck;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

/// <summary>Property-based tests. Every request goes to this machine, whatever the input.</summary>
public class PropertyTests
{
    private const int Iterations = 2_000;

    // Characters with a meaning in URLs, other scripts, lone surrogates, and random characters.
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char["/\\?#%&=+:;@.,!*'()[]{}<>|^`~\"$ -_\0\t\r\n\u007F01AaZé\u0301\u200B\u2028\uFEFF\uD83D\uDD11"], 0, 20],
        Gen.String[Gen.Char[' ', '~'], 0, 30],
        Gen.OneOf("%2F", "%2e%2e", "..", ".", "../..", "%", "%%", "%00", "%c0%ae", "//", "\\\\", "\U0001F511", "@127.0.0.1:1/", "012345"));

    [Fact]
    public async Task Any_OTP_is_rejected_or_sent_as_exactly_that_path_segment()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.NoContent);
        using MetalOtpClient client = TestClient.For(server);
        int sent = 0;
        await s_text.SampleAsync(
            async otp =>
            {
                int before = server.Requests.Count;
                Exception? rejected = await Record.ExceptionAsync(() => client.VerifyAsync(otp));
                if (rejected is not null)
                {
                    Assert.Equal(MetalOtpErrorKind.InvalidOtp, Assert.IsType<MetalOtpException>(rejected).Kind);
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
    public async Task Any_base_URL_is_rejected_or_is_the_only_origin_contacted()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        await using LoopbackServer decoy = LoopbackServer.Responding(Response.Good);
        string decoyAuthority = $"127.0.0.1:{decoy.Port}";
        Gen<string> scheme = Gen.Frequency(
            (8, Gen.OneOf("http://", "HTTP://", "http:\\\\")), (1, Gen.OneOf("https://", "ftp://", "http:", "", "http:///")));
        Gen<string> user = Gen.Frequency(
            (8, Gen.Const("")),
            (1, Gen.OneOf(Gen.OneOf("", "user:password", decoyAuthority, $"{decoyAuthority}\\"), s_text).Select(text => text + "@")));
        Gen<string> host = Gen.Frequency(
            (8, Gen.OneOf("127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]")),
            (1, Gen.OneOf("192.0.2.1", "localhost.", "localhost.invalid", "[2001:db8::1]", "0.0.0.0", "loc\u0430lhost", "%6cocalhost")));
        Gen<string> port = Gen.Frequency(
            (8, Gen.Const($":{server.Port}")),
            (1, Gen.OneOf($":0{server.Port}", $":{server.Port} ", ":", ":65536", ":-1", $":{server.Port}@{decoyAuthority}")));
        Gen<string> tail = Gen.Frequency(
            (3, Gen.OneOf("", "/", "/metal/v1", $"//{decoyAuthority}/", $"/\\{decoyAuthority}", "/..//..", $"/http://{decoyAuthority}")),
            (2, s_text.Select(text => "/" + text)),
            (1, s_text));
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

                // An accepted plain http URL leads to this machine. Nothing is sent to any other.
                bool isHere = url.Host == "localhost"
                    || (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address));
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
    public async Task Damaged_response_is_a_result_or_a_documented_error()
    {
        byte[] response = [];
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(response);
        });
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);
        int succeeded = 0;
        int failed = 0;
        await Gen.Select(Responses(), Gen.Enum<Operation>()).SampleAsync(
            async (bytes, operation) =>
            {
                response = bytes;
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

    // Replaces some bytes of a response.
    private static Gen<byte[]> Responses() => Gen.Select(
        Gen.OneOf(
            Response.Good,
            Response.NoContent,
            Response.Json(200, """{"recovery_codes":["one","\ud83d"],"token":"x","a":[{"b":null,"c":-1.5e9}]}"""),
            Response.Json(400, """{"error":"x","errors":[{"otp":["\u001b","y"]},{}]}""", "X-Request-Id: 1"),
            Response.Json(429, """{"error":"x"}""", "Retry-After: 120"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        Gen.Int[0, 250],
        Gen.Int[0, 9],
        Gen.OneOf(Gen.Byte.Array[0, 9], Gen.String.Select(Encoding.UTF8.GetBytes)),
        (text, at, length, patch) =>
        {
            byte[] whole = Encoding.UTF8.GetBytes(text);
            at = Math.Min(at, whole.Length);
            return (byte[])[.. whole[..at], .. patch, .. whole[Math.Min(at + length, whole.Length)..]];
        });
}
