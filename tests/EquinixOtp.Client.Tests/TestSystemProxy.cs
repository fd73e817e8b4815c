using System.Collections.Concurrent;
using System.Net;

namespace EquinixOtp.Client.Tests;

/// <summary>The system's proxy setting in this process: that of the environment, except for the servers of some tests.</summary>
internal sealed class TestSystemProxy(IWebProxy environment) : IWebProxy
{
    private static readonly ConcurrentDictionary<string, Uri> s_proxies = new();

    public ICredentials? Credentials { get; set; }

    /// <summary>Installs the setting. Call it after the environment is set and before the first request.</summary>
    public static void Install() => HttpClient.DefaultProxy = new TestSystemProxy(HttpClient.DefaultProxy);

    public static void Set(Uri server, Uri proxy) => s_proxies[server.Authority] = proxy;

    public Uri? GetProxy(Uri destination) =>
        s_proxies.TryGetValue(destination.Authority, out Uri? proxy) ? proxy : environment.GetProxy(destination);

    public bool IsBypassed(Uri host) => !s_proxies.ContainsKey(host.Authority) && environment.IsBypassed(host);
}
