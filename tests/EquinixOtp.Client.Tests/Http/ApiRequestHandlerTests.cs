using System.Net;
using EquinixOtp.Client.Http;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

public class ApiRequestHandlerTests
{
    [Fact]
    public async Task Response_that_arrives_after_the_cancellation_is_disposed()
    {
        using var stop = new CancellationTokenSource();
        using var network = new UncancellableHandler();
        using var invoker = new HttpMessageInvoker(new ApiRequestHandler(network, proxy: null, usesSystemProxy: true));
        var url = new Uri("http://127.0.0.1:9/");
        using var message = new HttpRequestMessage(HttpMethod.Get, url);
        HttpPlatform.SetApiRequest(message, new ApiRequest<bool>(HttpMethod.Get, url, "/x", otp: null, _ => true));
        Task sending = invoker.SendAsync(message, stop.Token);
        await network.Started.Task.WaitAsync(Condition.Limit);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Condition.Limit));

        using var body = new MemoryStream();
        using var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        network.Response.SetResult(response);

        await Condition.IsTrueAsync(() => !body.CanRead);
    }

    private sealed class UncancellableHandler : HttpMessageHandler
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<HttpResponseMessage> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Started.SetResult();
            return Response.Task;
        }
    }
}
