using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EquinixOtp.Client.Tests;

/// <summary>Real TLS over loopback, under an authority that on Linux this process alone trusts.</summary>
public class TlsTests
{
    private static readonly X509Certificate2 s_authority = Certificates.CreateAuthority();

    internal static X509Certificate2 Authority => s_authority;

    public static TheoryData<string, Operation> BadCertificates()
    {
        var data = new TheoryData<string, Operation>();
        foreach (string certificate in new[] { "self-signed", "expired", "not yet valid", "wrong name", "another authority's", "for clients" })
        {
            foreach (Operation operation in Enum.GetValues<Operation>())
            {
                data.Add(certificate, operation);
            }
        }

        return data;
    }

    [ModuleInitializer]
    internal static void TrustAuthority()
    {
        if (OperatingSystem.IsLinux())
        {
            // OpenSSL reads the C environment, which .NET's Environment doesn't write.
            string path = Path.Combine(AppContext.BaseDirectory, "authority.pem");
            File.WriteAllText(path, s_authority.ExportCertificatePem());
            _ = SetEnvironmentVariable("SSL_CERT_FILE\0"u8.ToArray(), Encoding.UTF8.GetBytes(path + '\0'), 1);
        }
    }

    [Theory]
    [InlineData(Operation.Verify)]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.ResetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_good_certificate_is_taken(Operation operation)
    {
        await using LoopbackServer server = Server(Certificates.Create(s_authority));
        using MetalOtpClient client = TestClient.For(server);

        await operation.RunAsync(client, OperatingSystem.IsLinux() ? null : MetalOtpErrorKind.ConnectionFailed);

        Assert.Equal(OperatingSystem.IsLinux() ? 1 : 0, server.Requests.Count);
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [MemberData(nameof(BadCertificates))]
    public async Task A_bad_certificate_ends_the_call_before_anything_is_sent(string name, Operation operation)
    {
        using X509Certificate2 stranger = Certificates.CreateAuthority();
        using X509Certificate2 certificate = name switch
        {
            "self-signed" => Certificates.Create(null),
            "expired" => Certificates.Create(s_authority, days: -1),
            "not yet valid" => Certificates.Create(s_authority, days: 30),
            "wrong name" => Certificates.Create(s_authority, address: IPAddress.Parse("127.0.0.2")),
            "another authority's" => Certificates.Create(stranger),
            _ => Certificates.Create(s_authority, usage: "1.3.6.1.5.5.7.3.2"),
        };
        await using LoopbackServer server = Server(certificate);
        var observer = new RecordingObserver();
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.Contains("secure", e.Message, StringComparison.Ordinal);
        Assert.False(e.MayHaveTakenEffect);
        Assert.Equal((1, 0), (server.ConnectionCount, server.Requests.Count));
        Assert.Empty(new SecretHunt().Find(e, e.ToString(), observer.Reports));
        Assert.Empty(Telemetry.Leaks);
    }

    [Theory]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.SendSms)]
    public async Task A_server_that_speaks_no_TLS_is_a_failed_connection(Operation operation)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadByteAsync();
            await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        using var client = TestClient.Create(new() { BaseUrl = new UriBuilder(server.BaseUrl) { Scheme = "https" }.Uri, RetryInterval = TimeSpan.Zero });

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.False(e.MayHaveTakenEffect);
        Assert.Equal(1, server.ConnectionCount);
    }
#endif

    public static TheoryData<Operation, string?> PostsAndWhatFollows()
    {
        var data = new TheoryData<Operation, string?>();
        foreach (Operation operation in Enum.GetValues<Operation>().Where(operation => !operation.IsGet()))
        {
            foreach (string? bytes in new[] { null, "", "HTTP/1.1 200 OK\r\n\r\n", "\x17\x03\x03\x00\x20xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\x17\x03\x03\x00\x20xx", "\x15\x03\x03\x00\x02\x02\x28" })
            {
                data.Add(operation, bytes);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(PostsAndWhatFollows))]
    public async Task A_POST_whose_TLS_breaks_after_it_was_sent_may_have_taken_effect_and_is_not_sent_again(Operation operation, string? bytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The certificate is trusted on Linux alone.");
        await using var server = new LoopbackServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                if (bytes is null)
                {
                    connection.Reset();
                }
                else
                {
                    connection.WriteRaw(Encoding.Latin1.GetBytes(bytes));
                }
            },
            Certificates.Create(s_authority));
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.True(e.MayHaveTakenEffect);
        Assert.Equal((1, 1), (server.ConnectionCount, server.Requests.Count));
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_leaves_during_the_handshake_has_not_seen_a_POST(bool reset)
    {
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadByteAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        using var client = TestClient.Create(new() { BaseUrl = new UriBuilder(server.BaseUrl) { Scheme = "https" }.Uri, RetryInterval = TimeSpan.Zero });

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.ConnectionFailed))!;

        Assert.False(e.MayHaveTakenEffect);
        Assert.Equal(1, server.ConnectionCount);
    }
#endif

    [Fact]
    public async Task A_handshake_without_end_is_a_timeout()
    {
        var clock = new TestClock();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadByteAsync();
            await connection.HangAsync();
        });
        server.Hanging = () => clock.Advance(TimeSpan.FromSeconds(30));
        using var client = TestClient.Create(new() { BaseUrl = new UriBuilder(server.BaseUrl) { Scheme = "https" }.Uri }, clock);

        await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.Timeout);

        Assert.Equal(1, server.ConnectionCount);
    }

    private static LoopbackServer Server(X509Certificate2 certificate) =>
        new(connection => connection.RespondToAllAsync(_ => Response.Good), certificate);

    [DllImport("libc", EntryPoint = "setenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironmentVariable(byte[] name, byte[] value, int overwrite);
}
