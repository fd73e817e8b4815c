using System.Net;
using System.Net.Sockets;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Http;

/// <summary>The HTTP stack of .NET Framework, for Windows PowerShell 5.1. HttpPlatform.Core.cs has the same members.</summary>
internal static class HttpPlatform
{
    private const string ApiRequestProperty = "EquinixOtp.ApiRequest";

    /// <summary>
    /// Whether sending may block the caller's thread even without a system proxy: HttpWebRequest resolves host names synchronously.
    /// </summary>
    public const bool SendMayBlock = true;

    /// <summary>The system's proxy setting.</summary>
    public static IWebProxy? SystemProxy => WebRequest.DefaultWebProxy;

    /// <summary>Creates the handler: no cookies, redirects or decompression.</summary>
    public static HttpMessageHandler CreateHandler(IWebProxy? proxy, bool useProxy)
    {
        AddTls12();
        return new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            // The default of .NET Framework is two connections per host for the whole process.
            MaxConnectionsPerServer = int.MaxValue,
            Proxy = proxy,
            UseProxy = useProxy,
        };
    }

    /// <summary>The content of a GET: none, since HttpWebRequest refuses one.</summary>
    public static HttpContent? CreateGetContent() => null;

    public static void SetApiRequest(HttpRequestMessage message, ApiRequest request) => message.Properties[ApiRequestProperty] = request;

    public static ApiRequest GetApiRequest(HttpRequestMessage message) => (ApiRequest)message.Properties[ApiRequestProperty];

    /// <summary>Applies per-host settings: .NET Framework keeps them in a process-wide object for each host or proxy.</summary>
    public static void ConfigureHost(Uri url, IWebProxy? proxy) =>
        ServicePointManager.FindServicePoint(url, proxy).ConnectionLeaseTimeout =
            (int)HttpClientPool.ConnectionLifetime.TotalMilliseconds;

    public static CancellationTokenSource CancelAfter(TimeSpan delay, TimeProvider timeProvider) =>
        timeProvider.CreateCancellationTokenSource(delay);

    /// <summary>The Content-Type header, unparsed, since a page's may be malformed; null if it is missing.</summary>
    public static string? ReadContentType(HttpContent content) =>
        content.Headers.TryGetValues("Content-Type", out IEnumerable<string>? values) ? string.Join(",", values) : null;

    public static Task<Stream> OpenBodyAsync(HttpContent content, CancellationToken cancellationToken) => content.ReadAsStreamAsync();

    /// <summary>Reads from a response. .NET Framework's stream ignores the token during a read: only closing the stream ends it.</summary>
    public static async ValueTask<int> ReadAsync(Stream body, byte[] buffer, int offset, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration close = cancellationToken.Register(body.Dispose);
        try
        {
            return await body.ReadAsync(buffer, offset, buffer.Length - offset, cancellationToken).ConfigureAwait(false);
        }
        catch (WebException e)
        {
            // The request was aborted, for example because its stream was closed.
            throw new IOException("The read failed.", e);
        }
    }

    /// <summary>Describes an exception of the handler.</summary>
    public static TransportException Describe(Exception error)
    {
        SocketError? socketError = TransportException.Find<SocketException>(error)?.SocketErrorCode;
        var web = TransportException.Find<WebException>(error);
        return web?.Status switch
        {
            WebExceptionStatus.NameResolutionFailure
                or WebExceptionStatus.ProxyNameResolutionFailure
                or WebExceptionStatus.ConnectFailure => TransportException.NotConnected(socketError),
            WebExceptionStatus.TrustFailure or WebExceptionStatus.SecureChannelFailure => TransportException.TlsFailed(error, socketError),
            // HttpClient returns every other response: only a proxy's refusal of CONNECT is an exception.
            WebExceptionStatus.ProtocolError => TransportException.ProxyRefused((web.Response as HttpWebResponse)?.StatusCode),
            _ => TransportException.Lost(socketError),
        };
    }

    // Hosts built for .NET Framework before 4.7 default to TLS 1.0. SystemDefault (0) and values with TLS 1.2 stay unchanged.
    private static void AddTls12()
    {
        if (ServicePointManager.SecurityProtocol is not 0 and var protocols && (protocols & SecurityProtocolType.Tls12) == 0)
        {
            ServicePointManager.SecurityProtocol = protocols | SecurityProtocolType.Tls12;
        }
    }
}
