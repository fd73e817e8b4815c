using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OtpNet;

namespace EquinixOtp.Emulator;

/// <summary>
/// The OTP operations of the Equinix Metal API, served on a loopback port of this machine. Any number can run side by side;
/// they share nothing. Dispose one to stop it.
/// </summary>
public sealed class MetalEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, EmulatedAccount> _accountsByToken = new(StringComparer.Ordinal);

    private MetalEmulator(EmulatorOptions options, TimeProvider time)
    {
        string totpSecret = options.TotpSecret?.TrimEnd('=').ToUpperInvariant()
            ?? Base32Encoding.ToString(RandomNumberGenerator.GetBytes(20));
        IReadOnlyList<string> tokens = options.Tokens is [] ? [NewToken()] : options.Tokens;
        Accounts = [.. tokens.Select((token, index) => new EmulatedAccount(index + 1, token, totpSecret, time))];
        foreach (EmulatedAccount account in Accounts)
        {
            _accountsByToken[account.Token] = account;
        }

        // The empty builder, as the others read the environment and files, and write a log with every URL (and OTP) in it.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        MetalApi.AddServices(builder.Services);
        _app = builder.Build();
        MetalApi.Map(_app, this, options, time);
    }

    /// <summary>Raised for each SMS, before the call that asked for it is answered, on the thread that serves that call.</summary>
    public event EventHandler<SmsSentEventArgs>? SmsSent;

    /// <summary>The base URL of the API: <c>http://127.0.0.1:PORT/metal/v1</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The accounts, one a token, in the order of the tokens.</summary>
    public IReadOnlyList<EmulatedAccount> Accounts { get; }

    /// <summary>Starts an emulator, which listens when the task completes.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="timeProvider">The clock for codes, rate limit and latency; <see langword="null"/> for the system's.</param>
    /// <param name="cancellationToken">Gives up starting; it has no effect later.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses the port, for instance one below 1024.</exception>
    public static async Task<MetalEmulator> StartAsync(
        EmulatorOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var emulator = new MetalEmulator(options, timeProvider ?? TimeProvider.System);
        try
        {
            await emulator._app.StartAsync(cancellationToken).ConfigureAwait(false);
            emulator.Url = new($"{emulator._app.Urls.Single()}{MetalApi.BasePath}");
            return emulator;
        }
        catch
        {
            await emulator._app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening, gives calls under way a second to finish, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    internal EmulatedAccount? FindAccount(string token) => _accountsByToken.GetValueOrDefault(token);

    internal string OpenSession(EmulatedAccount account)
    {
        string token = NewToken();
        _accountsByToken[token] = account;
        return token;
    }

    internal void SendSms(EmulatedAccount account)
    {
        string code = account.SendSms();
        SmsSent?.Invoke(this, new(account, code));
    }

    private static string NewToken() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    // In process, Ctrl+C and SIGTERM are the caller's; the framework's own lifetime would take them.
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
