using System.Net;

namespace EquinixOtp.Client.Http;

/// <summary>
/// The message handler between HttpClient and the network. HttpClient's telemetry announces each request's URL and each failure's
/// text: below it, the OTP enters the URL, and a failure of .NET, which may quote the server, becomes a <see cref="TransportException"/>.
/// </summary>
/// <param name="proxy">The explicit proxy, or null.</param>
/// <param name="mayBlock">Whether sending may block the caller's thread.</param>
internal sealed class ApiRequestHandler(IWebProxy? proxy, bool mayBlock) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = HttpPlatform.GetApiRequest(request).Uri;
        try
        {
            return await (mayBlock ? SendOnThreadPoolAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw HttpPlatform.Describe(e);
        }
    }

    // Resolving a PAC file, and on .NET Framework a host name, blocks and ignores cancellation: run it on the thread pool so that
    // Ctrl+C returns at once.
    private async Task<HttpResponseMessage> SendOnThreadPoolAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Task<HttpResponseMessage> sending = Task.Run(
            () =>
            {
                HttpPlatform.ConfigureHost(request.RequestUri!, proxy);
                return base.SendAsync(request, cancellationToken);
            },
            cancellationToken);
        await Task.WhenAny(sending, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            _ = DisposeLateResponseAsync(sending);
            throw new OperationCanceledException(cancellationToken);
        }

        return await sending.ConfigureAwait(false);
    }

    private static async Task DisposeLateResponseAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            (await sending.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The caller has been told that the call was cancelled.
        }
    }
}
