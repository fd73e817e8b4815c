using System.Net;

namespace EquinixOtp.Client.Http;

/// <summary>
/// The message handler between HttpClient and the network. HttpClient's telemetry publishes each request's URL and each exception's text.
/// This handler is below the telemetry. It puts the OTP into the URL, and converts exceptions of .NET, which may quote the server, to a
/// <see cref="TransportException"/>.
/// </summary>
/// <param name="network">The platform's handler.</param>
/// <param name="proxy">The explicit proxy, or null.</param>
/// <param name="usesSystemProxy">Whether the system's setting selects the proxy.</param>
internal sealed class ApiRequestHandler(HttpMessageHandler network, IWebProxy? proxy, bool usesSystemProxy) : DelegatingHandler(network)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = HttpPlatform.GetApiRequest(request).Uri;
        return usesSystemProxy || HttpPlatform.SendMayBlock
            ? SendOnThreadPoolAsync(request, cancellationToken)
            : SendHereAsync(request, cancellationToken);
    }

    private static async Task DisposeLateResponseAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            (await sending.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The caller has already received the cancellation.
        }
    }

    private static Uri? FindProxy(IWebProxy? proxy, Uri url) => proxy is null || proxy.IsBypassed(url) ? null : proxy.GetProxy(url);

    private async Task<HttpResponseMessage> SendHereAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        IWebProxy? currentProxy = usesSystemProxy ? HttpPlatform.SystemProxy : proxy;
        try
        {
            HttpPlatform.ConfigureHost(request.RequestUri!, currentProxy);
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            TransportException failure = HttpPlatform.Describe(e);
            failure.Proxy = FindProxy(currentProxy, HttpPlatform.GetApiRequest(request).DisplayUri);
            throw failure;
        }
    }

    // Resolving a PAC file, and on .NET Framework a host name, blocks and ignores cancellation: run it on the thread pool so that
    // Ctrl+C returns at once.
    private async Task<HttpResponseMessage> SendOnThreadPoolAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Task<HttpResponseMessage> sending = Task.Run(() => SendHereAsync(request, cancellationToken), cancellationToken);
        await Task.WhenAny(sending, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            _ = DisposeLateResponseAsync(sending);
            throw new OperationCanceledException(cancellationToken);
        }

        return await sending.ConfigureAwait(false);
    }
}
