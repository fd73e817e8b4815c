using System.Net.Sockets;

namespace EquinixOtp.Client.Tests;

/// <summary>The content of errors. FailureClassifierTests tests each status code, HostileServerTests each fault.</summary>
public class ErrorTests
{
    [Theory]
    [InlineData(Operation.GetRecoveryCodes, 302, MetalOtpErrorKind.UnexpectedRedirect, 1, false)]
    [InlineData(Operation.SendSms, 302, MetalOtpErrorKind.UnexpectedRedirect, 1, true)]
    [InlineData(Operation.ResetRecoveryCodes, 401, MetalOtpErrorKind.Unauthorized, 1, false)]
    [InlineData(Operation.VerifyTotp, 424, MetalOtpErrorKind.OtpRejected, 1, false)]
    [InlineData(Operation.GetRecoveryCodes, 424, MetalOtpErrorKind.RequestRejected, 1, false)]
    [InlineData(Operation.SendSms, 429, MetalOtpErrorKind.RateLimited, 2, false)]
    [InlineData(Operation.GetRecoveryCodes, 503, MetalOtpErrorKind.ServerError, 2, false)]
    [InlineData(Operation.SendSms, 503, MetalOtpErrorKind.ServerError, 1, true)]
    public async Task Error_describes_the_last_response(
        Operation operation, int status, MetalOtpErrorKind kind, int requests, bool mayHaveTakenEffect)
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            request => Response.Json(status, """{"errors":["Said so"]}""", $"X-Request-Id: id-{request.Number}", "Location: /elsewhere"));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 1);

        MetalOtpException e = (await operation.RunAsync(client, kind))!;

        Assert.Equal((status, mayHaveTakenEffect), ((int)e.StatusCode!, e.MayHaveTakenEffect));
        Assert.Equal(status < 400 ? [] : ["Said so"], e.Errors);
        Assert.Equal($"id-{requests}", e.RequestId);
        Assert.EndsWith($", HTTP {status}, request id id-{requests}).", e.Message, StringComparison.Ordinal);
        Assert.Equal(requests > 1, e.Message.Contains($" after {requests} attempts", StringComparison.Ordinal));
        Assert.Equal(requests, server.Requests.Count);
    }

    [Theory]
    [InlineData("""{"error":"One","errors":["T\u001b[31mwo"]}""", "One", "T\uFFFD[31mwo")]
    [InlineData("""{"error":"é一\ud83d\udd11\ud83d"}""", "é一\U0001F511\uFFFD")]
    [InlineData("")]
    public async Task Messages_of_the_API_are_sanitized_in_the_errors_and_in_the_message(string body, params string[] errors)
    {
        await using LoopbackServer server = LoopbackServer.Responding(400, body);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!;

        Assert.Equal(errors, e.Errors);
        Assert.All(errors, error => Assert.Contains(error, e.Message, StringComparison.Ordinal));
        Assert.Equal(errors.Length > 0, e.Message.Contains(": ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Empty_request_id_is_null(string id)
    {
        await using LoopbackServer server = LoopbackServer.Responding(400, Response.Error, $"X-Request-Id: {id}");
        using MetalOtpClient client = TestClient.For(server);

        Assert.Null((await Operation.SendSms.RunAsync(client, MetalOtpErrorKind.RequestRejected))!.RequestId);
    }

    [Theory]
    [InlineData(Operation.GetRecoveryCodes, false)]
    [InlineData(Operation.ResetRecoveryCodes, true)]
    public async Task Unexpected_exception_leaves_the_client_without_its_text(Operation operation, bool mayHaveTakenEffect)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);
        using var stop = new CancellationTokenSource();
        var observer = new RecordingObserver
        {
            Ended = () =>
            {
                stop.Cancel();
                throw new InvalidTimeZoneException(Canary.Token);
            },
        };

        MetalOtpException e = await Assert.ThrowsAsync<MetalOtpException>(() => operation.RunAsync(client, observer, stop.Token));

        Assert.Equal((MetalOtpErrorKind.InternalError, mayHaveTakenEffect), (e.Kind, e.MayHaveTakenEffect));
        Assert.Contains(nameof(InvalidTimeZoneException), e.Message, StringComparison.Ordinal);
        Assert.Null(e.InnerException);
        Assert.Empty(new SecretHunt().Find(e, e.ToString()));
    }

#if !DESKTOP // The netstandard2.0 build reads the WebException of .NET Framework, which .NET's handler does not throw.
    [Theory]
    [InlineData(Operation.GetRecoveryCodes)]
    [InlineData(Operation.Verify)]
    public async Task Refused_connection_is_retried_and_has_no_effect(Operation operation)
    {
        using Socket unused = LoopbackServer.ReservePort();
        var observer = new RecordingObserver();
        using var client = TestClient.Create(
            new() { BaseUrl = new Uri($"http://{unused.LocalEndPoint}/"), MaxRetries = 2, RetryInterval = TimeSpan.Zero });

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.ConnectionFailed, observer))!;

        Assert.Equal((null, false), (e.StatusCode, e.MayHaveTakenEffect));
        Assert.StartsWith($"Connection refused by {unused.LocalEndPoint} after 3 attempts (", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, observer.Reports.Count);
        Assert.Empty(new SecretHunt().Find(e, e.ToString(), observer.Reports));
    }
#endif
}
