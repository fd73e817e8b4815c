using System.Net;
using Flurl.Http;
using Flurl.Http.Configuration;

namespace EquinixOtp.Client.Http;

/// <summary>
/// The process's HTTP clients, one per proxy setting. Each handler keeps its own connection pool per origin, and drops idle
/// connections. No client here has a credential.
/// </summary>
internal static class HttpClientPool
{
    /// <summary>The longest life of a connection, so that DNS changes take effect.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private static readonly FlurlClientCache s_clients = new();

    /// <summary>Returns the shared client for a proxy setting.</summary>
    public static IFlurlClient Get(MetalOtpClientOptions options) =>
        options.Proxy is not null ? GetForProxy(options.Proxy)
        : options.UsesSystemProxy ? s_clients.GetOrAdd("system", null, static builder => Configure(builder, proxy: null, usesSystemProxy: true))
        : s_clients.GetOrAdd("none", null, static builder => Configure(builder, proxy: null, usesSystemProxy: false));

    /// <summary>Creates a client with a proxy credential, which must not outlive the caller.</summary>
    public static IFlurlClient Create(Uri proxy, NetworkCredential credential)
    {
        var builder = new FlurlClientBuilder();
        Configure(builder, new WebProxy(proxy) { Credentials = credential }, usesSystemProxy: false);
        return builder.Build();
    }

    private static IFlurlClient GetForProxy(Uri proxy) =>
        s_clients.GetOrAdd(proxy.AbsoluteUri, null, builder => Configure(builder, new WebProxy(proxy), usesSystemProxy: false));

    private static void Configure(IFlurlClientBuilder builder, IWebProxy? proxy, bool usesSystemProxy)
    {
        builder.Settings.Timeout = null; // The attempt has its own.
        builder.Settings.AllowedHttpStatusRange = "*";
        builder.Settings.Redirects.Enabled = false;
        builder.WithHeader("Accept", "application/json");
        HttpPlatform.ConfigureHandler(builder, proxy, useProxy: proxy is not null || usesSystemProxy);
        builder.AddMiddleware(() => new ApiRequestHandler(proxy, usesSystemProxy));
    }
}
