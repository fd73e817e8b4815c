using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace EquinixOtp.Client.Http;

/// <summary>
/// A request without a response. Its texts are the client's own and the TLS messages of .NET and its TLS library; they quote neither
/// request nor server.
/// </summary>
internal sealed class TransportException : HttpRequestException
{
    private readonly string _what;
    private readonly string _details;

    // "{what} {server}{details}"
    private TransportException(TransportStage stage, string what, string details)
        : base($"{what} the server{details}")
    {
        Stage = stage;
        _what = what;
        _details = details;
    }

    /// <summary>How far the request got.</summary>
    public TransportStage Stage { get; }

    /// <summary>The proxy that the request went through, or null.</summary>
    public Uri? Proxy { get; set; }

    /// <summary>No TCP connection opened.</summary>
    public static TransportException NotConnected(SocketError? error) => error switch
    {
        SocketError.ConnectionRefused => new(TransportStage.NotConnected, "Connection refused by", string.Empty),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
            new(TransportStage.NotConnected, "Cannot resolve the host name of", string.Empty),
        _ => new(TransportStage.NotConnected, "Cannot connect to", Parenthesize(error)),
    };

    /// <summary>The TLS handshake failed.</summary>
    public static TransportException TlsFailed(Exception error, SocketError? socketError) => Find<AuthenticationException>(error) switch
    {
        null => new(TransportStage.Connected, "The TLS handshake ended early with", Parenthesize(socketError)),
        // Only .NET's text, which is not translated, distinguishes a response that is not TLS, for example plain http.
        { Message: var text } when text.Contains("corrupted frame") =>
            new(TransportStage.Refused, "No secure connection to", ": the response is not TLS; the scheme or port may be wrong"),
        // Not the outer exception's text, which may only refer to the inner one.
        var tls => new(TransportStage.Refused, "No secure connection to", $": {tls.GetBaseException().Message.TrimEnd('.')}"),
    };

    /// <summary>The proxy did not open a tunnel to the API.</summary>
    /// <param name="status">The proxy's status code, or null for a SOCKS proxy.</param>
    public static TransportException ProxyRefused(HttpStatusCode? status) => new(
        status < HttpStatusCode.InternalServerError ? TransportStage.Refused : TransportStage.Connected,
        "No connection to",
        status is null ? ": the proxy did not open one" : $": the proxy responded with HTTP {(int)status}");

    /// <summary>The connection closed, or the server broke the rules of HTTP, after the request may have been sent.</summary>
    public static TransportException Lost(SocketError? error) =>
        new(TransportStage.Sent, "No complete HTTP response from", Parenthesize(error));

    /// <summary>Returns the first exception of a type in a chain of inner exceptions, or null.</summary>
    public static T? Find<T>(Exception? error)
        where T : Exception
    {
        while (error is not null and not T)
        {
            error = error.InnerException;
        }

        return (T?)error;
    }

    /// <summary>Returns a sentence, without its full stop, that says what happened and where.</summary>
    /// <param name="server">The API's host and port.</param>
    public string Describe(string server)
    {
        string where = Proxy is null ? server
            : Stage == TransportStage.NotConnected ? $"the proxy {Proxy.Host}:{Proxy.Port}"
            : $"{server} through the proxy {Proxy.Host}:{Proxy.Port}";
        return $"{_what} {where}{_details}";
    }

    private static string Parenthesize(SocketError? error) => error is null ? string.Empty : $" ({error})";
}

/// <summary>How far a request without a response got.</summary>
internal enum TransportStage
{
    /// <summary>No connection opened. Another attempt may succeed.</summary>
    NotConnected,

    /// <summary>TLS or a proxy refused the connection, and would refuse it again. Nothing was sent.</summary>
    Refused,

    /// <summary>A connection opened and closed. Nothing of the request was sent.</summary>
    Connected,

    /// <summary>The request may have been sent.</summary>
    Sent,
}
