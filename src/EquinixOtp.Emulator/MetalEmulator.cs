using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EquinixOtp.Emulator;

/// <summary>
/// An emulator of the OTP operations of the Equinix Metal API on a loopback port. Several can run in one process; they share no state.
/// Dispose an emulator to stop it.
/// </summary>
public sealed class MetalEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmulatorState _state;

    private MetalEmulator(EmulatorOptions options, TimeProvider time)
    {
        _state = new(options, [.. options.Faults.Select(fault => FaultResolver.Resolve(fault, out _)!)], time);

        // Other builders read configuration from the environment and files, and log every URL, which contains the OTP.
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
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => EmulatorJson.Configure(json.SerializerOptions));

        // Against DNS rebinding: a web page whose host name resolves to 127.0.0.1 is rejected.
        builder.Services.AddHostFiltering(filter =>
        {
            filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"];
            filter.AllowEmptyHosts = false;
            filter.IncludeFailureMessage = false;
        });
        AdminApi.AddServices(builder.Services);
        _app = builder.Build();

        _app.Use((context, next) =>
        {
            context.Response.Headers["X-Request-Id"] = Guid.NewGuid().ToString();
            return next(context);
        });
        _app.UseHostFiltering();
        _app.UseWhen(AdminApi.Owns, AdminApi.Use);
        _app.UseWhen(context => !AdminApi.Owns(context), app => MetalApi.Use(app, _state, options));
        AdminApi.Map(_app, this, _state);
        MetalApi.Map(_app, this, _state, options);
    }

    /// <summary>Occurs for each SMS, on the thread that handles the request for it and before the response is sent.</summary>
    public event EventHandler<SmsSentEventArgs>? SmsSent;

    /// <summary>The base URL of the API: <c>http://127.0.0.1:PORT/metal/v1</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The base URL of the admin API: <c>http://127.0.0.1:PORT/__admin</c>.</summary>
    public Uri AdminUrl { get; private set; } = null!;

    /// <summary>A snapshot of the accounts, in the order of their numbers.</summary>
    public IReadOnlyList<EmulatedAccount> Accounts => _state.Accounts.Accounts;

    internal static string Version { get; } =
        typeof(MetalEmulator).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Starts an emulator. It is listening when the task completes.</summary>
    /// <param name="options">The options.</param>
    /// <param name="timeProvider">The clock for codes, rate limit, latency and delays; <see langword="null"/> for the system clock.</param>
    /// <param name="cancellationToken">Cancels the start. It has no effect afterwards.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names it.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system denies the port, for example a port below 1024.</exception>
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
            string origin = emulator._app.Urls.Single();
            emulator.Url = new($"{origin}{MetalApi.BasePath}");
            emulator.AdminUrl = new($"{origin}{AdminApi.BasePath}");
            return emulator;
        }
        catch
        {
            await emulator._app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening, waits up to one second for current requests, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Adds a fault. If several apply to a request, only the oldest occurs.</summary>
    /// <param name="fault">The fault.</param>
    /// <exception cref="ArgumentException">The fault is invalid; the message says why.</exception>
    /// <exception cref="InvalidOperationException">100 faults are active.</exception>
    public void AddFault(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Fault resolved = FaultResolver.Resolve(fault, out IReadOnlyList<string> errors)
            ?? throw new ArgumentException(string.Join(' ', errors), nameof(fault));
        if (!_state.Faults.TryAdd(resolved))
        {
            throw new InvalidOperationException($"At most {FaultList.Capacity} faults can be active.");
        }
    }

    /// <summary>Deletes all faults.</summary>
    public void ClearFaults() => _state.Faults.Clear();

    internal void SendSms(EmulatedAccount account)
    {
        string code = account.SendSms();
        SmsSent?.Invoke(this, new(account, code));
    }

    // Replaces the framework's lifetime, which would handle Ctrl+C and SIGTERM of the calling process.
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
