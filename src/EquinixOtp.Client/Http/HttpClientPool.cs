using System.Collections.Concurrent;
using System.Net;
using Flurl.Http;

namespace EquinixOtp.Client.Http;

/// <summary>
/// The process's HTTP clients, one per proxy setting. Each handler keeps its own connection pool per origin, and drops idle
/// connections. No pooled client has a credential.
/// </summary>
internal static class HttpClientPool
{
    /// <summary>The longest life of a connection, so that DNS changes take effect.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private static readonly ConcurrentDictionary<string, IFlurlClient> s_clients = new();

    /// <summary>Returns the shared client for a proxy setting.</summary>
    public static IFlurlClient Get(MetalOtpClientOptions options)
    {
        string key = options.Proxy is { } proxy ? proxy.AbsoluteUri : options.UsesSystemProxy ? "system" : "none";
        if (s_clients.TryGetValue(key, out IFlurlClient? client))
        {
            return client;
        }

        client = Create(options.Proxy is null ? null : new WebProxy(options.Proxy), options.UsesSystemProxy);
        return s_clients.GetOrAdd(key, client);
    }

    /// <summary>Creates a client with a proxy credential. It is not pooled, and must not outlive the caller.</summary>
    public static IFlurlClient Create(Uri proxy, NetworkCredential credential) =>
        Create(new WebProxy(proxy) { Credentials = credential }, usesSystemProxy: false);

    private static FlurlClient Create(IWebProxy? proxy, bool usesSystemProxy)
    {
        HttpMessageHandler network = HttpPlatform.CreateHandler(proxy, useProxy: proxy is not null || usesSystemProxy);
        var client = new FlurlClient(new HttpClient(new ApiRequestHandler(network, proxy, usesSystemProxy)));
        client.Settings.Timeout = null; // HttpAttempt limits the time.
        client.Settings.AllowedHttpStatusRange = "*";
        client.Settings.Redirects.Enabled = false;
        return client;
    }
}
