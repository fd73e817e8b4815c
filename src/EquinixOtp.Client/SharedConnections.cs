using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Flurl.Http;

namespace EquinixOtp.Client;

/// <summary>
/// The process's connections: one HTTP handler for each origin and proxy setting, holding no credential of any kind.
/// Connections are replaced every few minutes, so that DNS changes are seen.
/// </summary>
internal static class SharedConnections
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, IFlurlClient> s_clients = new();

    // .NET's own handler, which .NET Standard can't name. HttpClientHandler wraps it, but hides what must be set.
    private static readonly Type? s_socketsHandler = typeof(HttpClient).Assembly.GetType("System.Net.Http.SocketsHttpHandler");

    public static IFlurlClient Get(MetalOtpClientOptions options) => s_clients.GetOrAdd(
        $"{options.BaseUrl.GetLeftPart(UriPartial.Authority)} by {(options.NoProxy ? "none" : options.Proxy?.AbsoluteUri)}",
        _ => CreateClient(options));

    public static IFlurlClient CreateClient(MetalOtpClientOptions options)
    {
        HttpMessageHandler handler = s_socketsHandler is null ? new HttpClientHandler() : (HttpMessageHandler)Activator.CreateInstance(s_socketsHandler)!;
        if (s_socketsHandler is not null)
        {
            Set("PooledConnectionLifetime", s_lifetime);
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

        bool mayBlock = asksSystemForProxy || s_socketsHandler is null;
        // Time is ruled by the attempt alone, and a status is the attempt's to judge.
        var http = new HttpClient(new RequestHandler(handler, mayBlock)) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        var client = new FlurlClient(http);
        client.Settings.Timeout = null;
        client.Settings.AllowedHttpStatusRange = "*";
        return client;

        void Set(string property, object? value) => handler.GetType().GetProperty(property)!.SetValue(handler, value);
    }

    // Keeps from HttpClient what it would tell event listeners: the OTP in the URL, and a failure's message.
    private sealed class RequestHandler(HttpMessageHandler inner, bool mayBlock) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is PostContent { Otp: { } otp })
            {
                string masked = request.RequestUri.AbsoluteUri;
                request.RequestUri = new Uri(masked.Substring(0, masked.Length - SecretText.Mask.Length) + Uri.EscapeDataString(otp));
            }

            // Without a body, even an empty one, SocketsHttpHandler sends a request of its own accord again, up to three
            // times, when the server closes the connection. How often is for the caller to say.
            if (s_socketsHandler is not null)
            {
                request.Content ??= new ByteArrayContent([]);
            }

            try
            {
                return await (mayBlock ? SendFromPoolAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken)).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (
                Attempt.Cause<SocketException>(e) is null && Attempt.Cause<AuthenticationException>(e) is null && Attempt.Cause<WebException>(e) is null)
            {
                // .NET's message quotes the line of the server's that is no HTTP, and what is repeated there.
                throw new HttpRequestException("The connection was closed, or spoke no HTTP.");
            }
        }

        // The system's proxy may be a script somewhere on the network, which .NET runs before it gives the thread back, and
        // without looking at the token. .NET Framework even looks up the host's name first.
        private async Task<HttpResponseMessage> SendFromPoolAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Task<HttpResponseMessage> call = Task.Run(
                () =>
                {
                    if (s_socketsHandler is null)
                    {
                        LimitLifetime(request.RequestUri);
                    }

                    return base.SendAsync(request, cancellationToken);
                },
                cancellationToken);
            await Task.WhenAny(call, Task.Delay(System.Threading.Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return await call.ConfigureAwait(false);
        }

        // .NET Framework's way, for the host and not for the handler. In a method of its own, since naming it loads an assembly.
        private static void LimitLifetime(Uri url) =>
            ServicePointManager.FindServicePoint(url).ConnectionLeaseTimeout = (int)s_lifetime.TotalMilliseconds;
    }
}
