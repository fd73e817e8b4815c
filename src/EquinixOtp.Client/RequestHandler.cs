using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace EquinixOtp.Client;

/// <summary>
/// What stands between HttpClient and the connections. HttpClient tells event listeners each request's URL and each
/// failure's text: here the request gets the OTP in its URL, and .NET's failure, which may quote the server, becomes a
/// <see cref="NoAnswerException"/>.
/// </summary>
/// <param name="inner">The connections.</param>
/// <param name="mayBlock">Whether they may keep the caller's thread.</param>
internal sealed class RequestHandler(HttpMessageHandler inner, bool mayBlock) : DelegatingHandler(inner)
{
    /// <summary>The first exception of a type in a chain of inner ones, or null.</summary>
    public static T? Cause<T>(Exception? error)
        where T : Exception
    {
        while (error is not null and not T)
        {
            error = error.InnerException;
        }

        return (T?)error;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is PostContent { Otp: { } otp })
        {
            string masked = request.RequestUri.AbsoluteUri;
            request.RequestUri = new Uri(masked.Substring(0, masked.Length - SecretText.Mask.Length) + Uri.EscapeDataString(otp));
        }

        // Without a body, even an empty one, SocketsHttpHandler sends a request of its own accord again, up to three
        // times, when the server closes the connection. How often is for the caller to say.
        if (SharedConnections.SocketsHandler is not null)
        {
            request.Content ??= new ByteArrayContent([]);
        }

        try
        {
            return await (mayBlock ? SendFromPoolAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw NoAnswer(e);
        }
    }

    // The system's proxy may be a script somewhere on the network, which .NET runs before it gives the thread back, and
    // without looking at the token. .NET Framework even looks up the host's name first.
    private async Task<HttpResponseMessage> SendFromPoolAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Task<HttpResponseMessage> call = Task.Run(
            () =>
            {
                if (SharedConnections.SocketsHandler is null)
                {
                    LimitLifetime(request.RequestUri);
                }

                return base.SendAsync(request, cancellationToken);
            },
            cancellationToken);
        await Task.WhenAny(call, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            _ = call.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw new OperationCanceledException(cancellationToken);
        }

        return await call.ConfigureAwait(false);
    }

    // .NET Framework's way, for the host and not for the handler. In a method of its own, since naming it loads an assembly.
    private static void LimitLifetime(Uri url) =>
        ServicePointManager.FindServicePoint(url).ConnectionLeaseTimeout = (int)SharedConnections.Lifetime.TotalMilliseconds;

    private static NoAnswerException NoAnswer(Exception error)
    {
        var socket = Cause<SocketException>(error);
        string what = socket is null ? "The connection was closed, or spoke no HTTP, before an answer came" : $"The connection failed ({socket.SocketErrorCode})";
        switch (Reason(error))
        {
            case "SecureConnectionError" or "TrustFailure" or "SecureChannelFailure":
                return Cause<AuthenticationException>(error) is { } tls
                    ? new NoAnswerException("No secure connection: " + tls.Message.TrimEnd('.'), Progress.Refused)
                    : new NoAnswerException(socket is null ? "The connection was closed in the TLS handshake" : what, Progress.Opened);
            case "ProxyTunnelError":
                int? status = (int?)(Property(error, "StatusCode") as HttpStatusCode?);
                return new NoAnswerException($"The proxy refused the connection to the API with HTTP {status}", status < 500 ? Progress.Refused : Progress.Opened);
            case "ConnectFailure" or "NameResolutionFailure":
                return new NoAnswerException(what, Progress.None);
            default:
                // An open connection's socket error comes in an IOException, one that opens none comes bare.
                return new NoAnswerException(what, error.InnerException is SocketException ? Progress.None : Progress.Sent);
        }
    }

    // An HttpRequestError, which .NET Standard can't name, or .NET Framework's WebExceptionStatus.
    private static string? Reason(Exception error) => error.InnerException is WebException web ? web.Status.ToString() : Property(error, "HttpRequestError")?.ToString();

    private static object? Property(Exception error, string name) => error.GetType().GetProperty(name)?.GetValue(error);
}

/// <summary>No answer came. The message is the client's own.</summary>
/// <param name="message">What happened.</param>
/// <param name="progress">How far the call had got.</param>
internal sealed class NoAnswerException(string message, Progress progress) : HttpRequestException(message)
{
    public Progress Progress { get; } = progress;
}

/// <summary>How far a call got that has no answer.</summary>
internal enum Progress
{
    /// <summary>No connection opened.</summary>
    None,

    /// <summary>A connection, or the proxy's to the API, was refused, and would be again.</summary>
    Refused,

    /// <summary>A connection opened, but nothing of the request was sent on it.</summary>
    Opened,

    /// <summary>The request may have been sent.</summary>
    Sent,
}
