using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

/// <summary>A system proxy whose setting can be slow to read for the hosts of tests. HTTP handlers keep the first instance.</summary>
internal sealed class SlowSystemProxy : IWebProxy, IDisposable
{
    public static readonly TimeSpan Slowness = TimeSpan.FromSeconds(20);

    private static readonly ConcurrentDictionary<string, SlowSystemProxy> s_hosts = new();
    private static readonly IWebProxy s_system = HttpClient.DefaultProxy;

    private readonly string _host;
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ManualResetEventSlim _answers = new(true);

    public SlowSystemProxy(string host)
    {
        _host = host;
        s_hosts[host] = this;
    }

    public ICredentials? Credentials { get; set; }

    [ModuleInitializer]
    internal static void Install() => HttpClient.DefaultProxy = new SlowSystemProxy("");

    public async Task AskedAsync() => Assert.True(await _asked.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

    public void BeSlow() => _answers.Reset();

    public Uri? GetProxy(Uri destination)
    {
        if (!s_hosts.TryGetValue(destination.Host, out SlowSystemProxy? proxy))
        {
            return s_system.GetProxy(destination);
        }

        proxy._asked.Release();
        proxy._answers.Wait(Slowness);
        return new Uri("http://127.0.0.1:9");
    }

    public bool IsBypassed(Uri host) => !s_hosts.ContainsKey(host.Host) && s_system.IsBypassed(host);

    public void Dispose()
    {
        s_hosts.TryRemove(_host, out _);
        _answers.Set();
    }
}
