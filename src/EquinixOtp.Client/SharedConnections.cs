using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Flurl.Http;

namespace EquinixOtp.Client;

/// <summary>
/// The process's connections: one HTTP handler for each origin and proxy setting, holding no credential of any kind,
/// and replaced every few minutes so that DNS changes are seen.
/// </summary>
internal static class SharedConnections
{
    private static readonly long s_lifetime = 300 * Stopwatch.Frequency;
    private static readonly ConcurrentDictionary<(string Origin, string? Proxy), Lazy<Entry>> s_entries = new();

    public static IFlurlClient Get(MetalOtpClientOptions options)
    {
        (string, string?) key = (
            options.BaseUrl.GetLeftPart(UriPartial.Authority),
            options.NoProxy ? "none" : options.Proxy?.AbsoluteUri);
        Lazy<Entry> entry = s_entries.GetOrAdd(key, _ => Create());
        if (Stopwatch.GetTimestamp() - entry.Value.Born > s_lifetime)
        {
            // The old one isn't disposed: calls may be under way on it. Its connections close when they have been idle.
            Lazy<Entry> fresh = Create();
            entry = s_entries.TryUpdate(key, fresh, entry) ? fresh : s_entries[key];
        }

        return entry.Value.Client;

        Lazy<Entry> Create() => new(() => new Entry(CreateClient(options), Stopwatch.GetTimestamp()));
    }

    public static IFlurlClient CreateClient(MetalOtpClientOptions options)
    {
        var handler = new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseDefaultCredentials = false,
            AutomaticDecompression = DecompressionMethods.None,
        };
        if (options.Proxy is not null)
        {
            handler.Proxy = new WebProxy(options.Proxy) { Credentials = options.ProxyCredential };
        }
        else if (options.NoProxy || MetalOtpClientOptions.IsLoopback(options.BaseUrl))
        {
            handler.UseProxy = false;
        }

        // Time is ruled by the attempt alone, and a status is the attempt's to judge.
        var client = new FlurlClient(new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan });
        client.Settings.Timeout = null;
        client.Settings.AllowedHttpStatusRange = "*";
        return client;
    }

    private sealed record Entry(IFlurlClient Client, long Born);
}
