using System.Collections.Concurrent;
using System.Net;
using Flurl.Http;

namespace EquinixOtp.Client;

/// <summary>
/// The process's connections: one HTTP handler for each origin and proxy setting, holding no credential of any kind.
/// Connections are replaced every few minutes, so that DNS changes are seen.
/// </summary>
internal static class SharedConnections
{
    /// <summary>How long a connection is used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly ConcurrentDictionary<string, IFlurlClient> s_clients = new();

    /// <summary>.NET's own handler, which .NET Standard can't name; null on .NET Framework. HttpClientHandler wraps it, but hides what must be set.</summary>
    public static readonly Type? SocketsHandler = typeof(HttpClient).Assembly.GetType("System.Net.Http.SocketsHttpHandler");

    public static IFlurlClient Get(MetalOtpClientOptions options) => s_clients.GetOrAdd(
        $"{options.BaseUrl.GetLeftPart(UriPartial.Authority)} by {(options.NoProxy ? "none" : options.Proxy?.AbsoluteUri)}",
        _ => CreateClient(options));

    public static IFlurlClient CreateClient(MetalOtpClientOptions options)
    {
        HttpMessageHandler handler = SocketsHandler is null ? new HttpClientHandler() : (HttpMessageHandler)Activator.CreateInstance(SocketsHandler)!;
        if (SocketsHandler is not null)
        {
            Set("PooledConnectionLifetime", Lifetime);
            // Otherwise it tells activity and diagnostic listeners the URL, OTP and all, and the token.
            // Older .NET than PowerShell 7.4's doesn't have it.
            handler.GetType().GetProperty("ActivityHeadersPropagator")?.SetValue(handler, null);
        }

        Set(nameof(HttpClientHandler.AllowAutoRedirect), false);
        Set(nameof(HttpClientHandler.UseCookies), false);
        Set(nameof(HttpClientHandler.AutomaticDecompression), DecompressionMethods.None);
        if (options.Proxy is not null)
        {
            Set(nameof(HttpClientHandler.Proxy), new WebProxy(options.Proxy) { Credentials = options.ProxyCredential });
        }

        bool asksSystemForProxy = options.Proxy is null && !options.NoProxy && !MetalOtpClientOptions.IsLoopback(options.BaseUrl);
        Set(nameof(HttpClientHandler.UseProxy), options.Proxy is not null || asksSystemForProxy);

        bool mayBlock = asksSystemForProxy || SocketsHandler is null;
        // Time is ruled by the attempt alone, and a status is the attempt's to judge.
        var http = new HttpClient(new RequestHandler(handler, mayBlock)) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        var client = new FlurlClient(http);
        client.Settings.Timeout = null;
        client.Settings.AllowedHttpStatusRange = "*";
        return client;

        void Set(string property, object? value) => handler.GetType().GetProperty(property)!.SetValue(handler, value);
    }
}
