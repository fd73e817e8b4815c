using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EquinixOtp.Emulator;

/// <summary>
/// The OTP operations of the Equinix Metal API, served on a loopback port of this machine. Any number can run side by side;
/// they share nothing. Dispose one to stop it.
/// </summary>
public sealed class MetalEmulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmulatorState _state;

    private MetalEmulator(EmulatorOptions options, TimeProvider time)
    {
        _state = new(options, [.. options.Faults.Select(fault => FaultResolver.Resolve(fault, out _)!)], time);

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
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => EmulatorJson.Configure(json.SerializerOptions));

        // A web page that has its own name resolve to 127.0.0.1 gets no further than this.
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

    /// <summary>Raised for each SMS, before the call that asked for it is answered, on the thread that serves that call.</summary>
    public event EventHandler<SmsSentEventArgs>? SmsSent;

    /// <summary>The base URL of the API: <c>http://127.0.0.1:PORT/metal/v1</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The base URL of the admin API: <c>http://127.0.0.1:PORT/__admin</c>.</summary>
    public Uri AdminUrl { get; private set; } = null!;

    /// <summary>A snapshot of the accounts, one per token, in the order of the tokens.</summary>
    public IReadOnlyList<EmulatedAccount> Accounts => _state.Accounts.Accounts;

    internal static string Version { get; } =
        typeof(MetalEmulator).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

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

    /// <summary>Stops listening, gives calls under way a second to finish, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Adds a fault. Of several that apply to a request, the oldest does.</summary>
    /// <param name="fault">The fault.</param>
    /// <exception cref="ArgumentException">The fault cannot be meant; the message says why.</exception>
    /// <exception cref="InvalidOperationException">There are already 100 faults.</exception>
    public void AddFault(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Fault resolved = FaultResolver.Resolve(fault, out IReadOnlyList<string> errors)
            ?? throw new ArgumentException(string.Join(' ', errors), nameof(fault));
        if (!_state.Faults.TryAdd(resolved))
        {
            throw new InvalidOperationException($"There are already {FaultList.Capacity} faults.");
        }
    }

    /// <summary>Deletes all faults.</summary>
    public void ClearFaults() => _state.Faults.Clear();

    internal void SendSms(EmulatedAccount account)
    {
        string code = account.SendSms();
        SmsSent?.Invoke(this, new(account, code));
    }

    // In process, Ctrl+C and SIGTERM are the caller's; the framework's own lifetime would take them.
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
