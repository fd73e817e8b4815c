using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Http;

/// <summary>The HTTP stack of .NET 8 and newer, for PowerShell 7.4 and newer. HttpPlatform.Desktop.cs has the same members.</summary>
internal static class HttpPlatform
{
    private static readonly HttpRequestOptionsKey<ApiRequest> s_apiRequest = new("EquinixOtp.ApiRequest");

    /// <summary>Whether sending may block the caller's thread even without a system proxy.</summary>
    public const bool SendMayBlock = false;

    /// <summary>The system's proxy setting.</summary>
    public static IWebProxy? SystemProxy => HttpClient.DefaultProxy;

    /// <summary>Creates the handler: no cookies, redirects, decompression or diagnostics.</summary>
    public static HttpMessageHandler CreateHandler(IWebProxy? proxy, bool useProxy) => new SocketsHttpHandler
    {
        PooledConnectionLifetime = HttpClientPool.ConnectionLifetime,
        // A propagator would announce each request, with OTP and token, to diagnostic listeners.
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        Proxy = proxy,
        UseProxy = useProxy,
    };

    /// <summary>
    /// The content of a GET: empty, not null. SocketsHttpHandler resends a request without content when a kept connection is closed.
    /// </summary>
    public static HttpContent? CreateGetContent() => new ByteArrayContent([]);

    public static void SetApiRequest(HttpRequestMessage message, ApiRequest request) => message.Options.Set(s_apiRequest, request);

    public static ApiRequest GetApiRequest(HttpRequestMessage message) =>
        message.Options.TryGetValue(s_apiRequest, out ApiRequest? request) ? request : throw new InvalidOperationException();

    /// <summary>Applies per-host settings. SocketsHttpHandler has none.</summary>
    public static void ConfigureHost(Uri url, IWebProxy? proxy)
    {
    }

    public static CancellationTokenSource CancelAfter(TimeSpan delay, TimeProvider timeProvider) => new(delay, timeProvider);

    /// <summary>The Content-Type header, unparsed, since a page's may be malformed; null if it is missing.</summary>
    public static string? ReadContentType(HttpContent content) =>
        content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) ? values.ToString() : null;

    public static Task<Stream> OpenBodyAsync(HttpContent content, CancellationToken cancellationToken) =>
        content.ReadAsStreamAsync(cancellationToken);

    /// <summary>
    /// Reads from a response. Only the token ends the read: disposing the stream during it would corrupt the pooled connection.
    /// </summary>
    public static ValueTask<int> ReadAsync(Stream body, byte[] buffer, int offset, CancellationToken cancellationToken) =>
        body.ReadAsync(buffer.AsMemory(offset), cancellationToken);

    /// <summary>Describes an exception of the handler.</summary>
    public static TransportException Describe(Exception error)
    {
        SocketError? socketError = TransportException.Find<SocketException>(error)?.SocketErrorCode;
        var http = error as HttpRequestException;
        return http?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => TransportException.NotConnected(socketError),
            HttpRequestError.SecureConnectionError => TransportException.TlsFailed(error, socketError),
            HttpRequestError.ProxyTunnelError => TransportException.ProxyRefused(http.StatusCode),
            _ => TransportException.Lost(socketError),
        };
    }
}
