using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EquinixOtp.Client.Tests;

/// <summary>TLS over loopback, with an authority that only this process trusts, and only on Linux.</summary>
public class TlsTests
{
    private static readonly X509Certificate2 s_authority = Certificates.CreateAuthority();

    internal static X509Certificate2 Authority => s_authority;

    [ModuleInitializer]
    internal static void TrustAuthority()
    {
        if (OperatingSystem.IsLinux())
        {
            // OpenSSL reads the C environment, which .NET's Environment does not write.
            string path = Path.Combine(AppContext.BaseDirectory, $"authority-{Environment.ProcessId}.pem");
            File.WriteAllText(path, s_authority.ExportCertificatePem());
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path);
            _ = SetEnvironmentVariable("SSL_CERT_FILE\0"u8.ToArray(), Encoding.UTF8.GetBytes(path + '\0'), 1);
        }
    }

    [Fact]
    public async Task Certificate_of_a_trusted_authority_is_accepted()
    {
        await using LoopbackServer server = Server(Certificates.Create(s_authority));
        using MetalOtpClient client = TestClient.For(server);

        await Operation.SendSms.RunAsync(client, OperatingSystem.IsLinux() ? null : MetalOtpErrorKind.ConnectionFailed);

        Assert.Equal(OperatingSystem.IsLinux() ? 1 : 0, server.Requests.Count);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData("self-signed")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("for another address")]
    [InlineData("of an unknown authority")]
    [InlineData("for clients")]
    public async Task Invalid_certificate_ends_the_call_before_the_request(string name)
    {
        using X509Certificate2 unknown = Certificates.CreateAuthority();
        using X509Certificate2 certificate = name switch
        {
            "self-signed" => Certificates.Create(null),
            "expired" => Certificates.Create(s_authority, days: -1),
            "not yet valid" => Certificates.Create(s_authority, days: 30),
            "for another address" => Certificates.Create(s_authority, address: IPAddress.Parse("127.0.0.2")),
            "of an unknown authority" => Certificates.Create(unknown),
            _ => Certificates.Create(s_authority, usage: "1.3.6.1.5.5.7.3.2"),
        };
        foreach (Operation operation in new[] { Operation.GetRecoveryCodes, Operation.Verify })
        {
            await using LoopbackServer server = Server(certificate);
            var observer = new RecordingObserver();
            using MetalOtpClient client = TestClient.For(server);

            MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

            Assert.StartsWith($"No secure connection to {server.BaseUrl.Authority}: ", e.Message, StringComparison.Ordinal);
            Assert.Equal((1, 0, false), (server.ConnectionCount, server.Requests.Count, e.MayHaveTakenEffect));
            Assert.Empty(new SecretHunt().Find(e, e.ToString(), observer.Reports));
            Assert.Empty(Telemetry.Leaks);
        }
    }

    [Fact]
    public async Task Message_says_that_a_plain_http_server_does_not_respond_with_TLS()
    {
        await using LoopbackServer server = RespondingToHandshake("HTTP/1.1 400 Bad Request\r\n\r\n");
        using var client = TestClient.Create(new() { BaseUrl = TestClient.Https(server) });

        MetalOtpException e = (await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Contains("the response is not TLS", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_for_an_alert_does_not_refer_to_an_inner_exception()
    {
        await using LoopbackServer server = RespondingToHandshake("\x15\x03\x03\x00\x02\x02\x28");
        using var client = TestClient.Create(new() { BaseUrl = TestClient.Https(server) });

        MetalOtpException e = (await Operation.GetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.StartsWith($"No secure connection to {server.BaseUrl.Authority}: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task POST_is_not_retried_and_has_no_effect_if_the_handshake_fails(string? response)
    {
        await using LoopbackServer server = RespondingToHandshake(response);
        using var client = TestClient.Create(new() { BaseUrl = TestClient.Https(server), RetryInterval = TimeSpan.Zero });

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Equal((1, false), (server.ConnectionCount, e.MayHaveTakenEffect));
    }
#endif

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("\x17\x03\x03\x00\x20xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("\x17\x03\x03\x00\x20xx")]
    [InlineData("\x15\x03\x03\x00\x02\x02\x28")]
    public async Task POST_is_not_resent_and_may_have_taken_effect_if_TLS_fails_after_it(string? response)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The certificate is trusted on Linux only.");
        await using var server = new LoopbackServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                WriteOrReset(connection, response);
            },
            Certificates.Create(s_authority));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.ResetRecoveryCodes.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.Equal((1, 1, true), (server.ConnectionCount, server.Requests.Count, e.MayHaveTakenEffect));
    }

    [Fact]
    public async Task Handshake_that_never_ends_times_out()
    {
        var clock = new TestClock();
        await using var server = new LoopbackServer(connection => connection.HangAsync());
        server.Hanging = () => clock.Advance(TimeSpan.FromSeconds(30));
        using var client = TestClient.Create(new() { BaseUrl = TestClient.Https(server) }, clock);

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.Timeout);

        Assert.Equal(1, server.ConnectionCount);
    }

#if !DESKTOP
    // Below TLS, to the first byte.
    private static LoopbackServer RespondingToHandshake(string? response) => new(async connection =>
    {
        await connection.ReadByteAsync();
        WriteOrReset(connection, response);
    });
#endif

    // Below TLS.
    private static void WriteOrReset(LoopbackConnection connection, string? text)
    {
        if (text is null)
        {
            connection.Reset();
        }
        else
        {
            connection.WriteRaw(Encoding.Latin1.GetBytes(text));
        }
    }

    private static LoopbackServer Server(X509Certificate2 certificate) =>
        new(connection => connection.RespondToAllAsync(_ => Response.Good), certificate);

    [DllImport("libc", EntryPoint = "setenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironmentVariable(byte[] name, byte[] value, int overwrite);
}
