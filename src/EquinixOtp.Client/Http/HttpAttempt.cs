using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using EquinixOtp.Client.Redaction;
using EquinixOtp.Client.Requests;
using EquinixOtp.Client.Responses;
using Flurl.Http;

namespace EquinixOtp.Client.Http;

/// <summary>One attempt of a call: sends the request, reads the response, classifies a failure and reports to the observer.</summary>
/// <typeparam name="T">The operation's result.</typeparam>
internal sealed class HttpAttempt<T>
{
    private readonly MetalOtpClientOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ApiRequest<T> _request;
    private readonly int _number;
    private readonly FlurlRequest _httpRequest;
    private readonly string _token;
    private readonly IEnumerable<string> _otps;
    private HttpResponseMessage? _response;
    private byte[] _body = [];
    private Redactor? _redactor;

    /// <param name="http">The HTTP client for the proxy setting.</param>
    /// <param name="options">The client's options.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="request">The request to send.</param>
    /// <param name="token">The value of <c>X-Auth-Token</c>.</param>
    /// <param name="otps">The OTPs of this attempt and of earlier ones of the call, which a server may repeat.</param>
    /// <param name="number">The attempt's number in its call, from 1.</param>
    public HttpAttempt(
        IFlurlClient http,
        MetalOtpClientOptions options,
        TimeProvider timeProvider,
        ApiRequest<T> request,
        string token,
        IEnumerable<string> otps,
        int number)
    {
        _options = options;
        _timeProvider = timeProvider;
        _request = request;
        _number = number;
        _token = token;
        _otps = otps;
        _httpRequest = new FlurlRequest(request.DisplayUri) { Client = http }
            .WithHeader("X-Auth-Token", token)
            .WithHeader("Accept", "application/json")
            .WithHeader("User-Agent", options.UserAgent)
            .BeforeCall(call => HttpPlatform.SetApiRequest(call.HttpRequestMessage, _request));
    }

    // Created on demand: most successful calls show no text from the server.
    private Redactor Redactor => _redactor ??= new Redactor(
        [_token, .. _otps, ResponseParser.FindToken(_body), .. ProxySecrets(_options)]);

    private string? RequestId =>
        _response is not null
        && _response.Headers.TryGetValues("X-Request-Id", out IEnumerable<string>? ids)
        && ids.First().Trim() is { Length: > 0 } id
            ? Redactor.Redact(id)
            : null;

    private string Server => $"{_request.DisplayUri.Host}:{_request.DisplayUri.Port}";

    /// <summary>Sends the request and reads the response, both within the timeout.</summary>
    /// <param name="observer">Observes the attempt, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="MetalOtpException">The attempt failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<T> RunAsync(IMetalOtpObserver? observer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = HttpPlatform.CancelAfter(_options.Timeout, _timeProvider);
        using CancellationTokenRegistration stop = cancellationToken.Register(state => ((CancellationTokenSource)state!).Cancel(), end);
        long start = Stopwatch.GetTimestamp();
        MetalOtpException? error = null;
        observer?.AttemptStarting(_options.Timeout);
        try
        {
            HttpContent? content = _request.IsPost ? CreatePostContent() : HttpPlatform.CreateGetContent();
            IFlurlResponse response = await _httpRequest
                .SendAsync(_request.Method, content, HttpCompletionOption.ResponseHeadersRead, end.Token)
                .ConfigureAwait(false);
            _response = response.ResponseMessage;
            if (response.StatusCode is < 200 or >= 300 || IsPage(_response))
            {
                throw await FailAsync(_response, end.Token).ConfigureAwait(false);
            }

            _body = await ResponseBody.ReadAsync(_response, end.Token).ConfigureAwait(false);
            return _request.Parse(new ApiResponse(_body, () => RequestId));
        }
        catch (MetalOtpException e)
        {
            error = e;
            throw;
        }
        catch (FormatException e) when (_response is not null)
        {
            throw error = Fail(InvalidResponse($"The response {e.Message}"));
        }
        catch (Exception e) when (e
            is FlurlHttpException or HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw error = end.IsCancellationRequested ? FailTimeout() : FailConnection(e);
        }
        finally
        {
            if (observer is { WantsReports: true })
            {
                observer.AttemptEnded(Report(Stopwatch.GetTimestamp() - start, error?.Kind, observer.WantsHeaders));
            }

            _response?.Dispose();
        }
    }

    private static Failure InvalidResponse(string summary) =>
        new(MetalOtpErrorKind.InvalidResponse, summary, RetryRule.Never, MayHaveEffect: true);

    private static ByteArrayContent CreatePostContent()
    {
        var content = new ByteArrayContent([]);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return content;
    }

    // A proxy may quote its credential as typed, or as encoded for Basic authentication.
    private static string[] ProxySecrets(MetalOtpClientOptions options)
    {
        if (options.ProxyCredential is not { } credential)
        {
            return [];
        }

        string user = credential.Domain.Length == 0 ? credential.UserName : $@"{credential.Domain}\{credential.UserName}";
        return [credential.Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{credential.Password}"))];
    }

    private static bool IsPage(HttpResponseMessage response) =>
        HttpPlatform.ReadContentType(response.Content)?.IndexOf("html", StringComparison.OrdinalIgnoreCase) >= 0;

    private async Task<MetalOtpException> FailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        IReadOnlyList<string>? errors = null;
        if (status is >= 400 and < 600 && !IsPage(response))
        {
            try
            {
                _body = await ResponseBody.ReadAsync(response, cancellationToken).ConfigureAwait(false);
                errors = ResponseParser.ParseErrors(_body);
            }
            catch (Exception e) when (e
                is FormatException or IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                // The API sends no unreadable body and no page: errors stays null.
            }
        }

        return Fail(
            FailureClassifier.Classify(status, isVerify: _request.Otp is not null, errors),
            Redactor.Redact(errors ?? []),
            RetryAfter.Parse(response.Headers, _timeProvider.GetUtcNow()));
    }

    private MetalOtpException FailTimeout()
    {
        double seconds = _options.Timeout.TotalSeconds;
        string limit = seconds == 1 ? "1 second" : FormattableString.Invariant($"{seconds:0.###} seconds");
        string summary = $"No complete response from {Server} within {limit}";
        return Fail(new Failure(MetalOtpErrorKind.Timeout, summary, RetryRule.GetOnly, MayHaveEffect: true));
    }

    private MetalOtpException FailConnection(Exception error)
    {
        if (TransportException.Find<TransportException>(error) is { } transport)
        {
            return Fail(FailureClassifier.Classify(transport.Stage, transport.Describe(Server)));
        }

        // The connection failed while the response body was read, or the client was disposed.
        return _response is null || TransportException.Find<SocketException>(error) is not null
            ? Fail(FailureClassifier.Classify(TransportStage.Sent, $"The connection to {Server} closed before the response was complete"))
            : Fail(InvalidResponse("The response is cut short"));
    }

    private MetalOtpException Fail(Failure failure, IReadOnlyList<string>? errors = null, TimeSpan? retryAfter = null)
    {
        string attempts = _number == 1 ? string.Empty : FormattableString.Invariant($" after {_number} attempts");
        string words = errors is { Count: > 0 } ? ": " + string.Join(" ", errors) : string.Empty;
        string status = _response is null ? string.Empty : FormattableString.Invariant($", HTTP {(int)_response.StatusCode}");
        string requestId = RequestId is { } id ? ", request id " + id : string.Empty;
        return new MetalOtpException(
            failure.Kind,
            $"{failure.Summary}{attempts}{words} ({_request.Method} {_request.DisplayUri.AbsolutePath}{status}{requestId}).")
        {
            StatusCode = _response?.StatusCode,
            Errors = errors ?? [],
            RequestId = RequestId,
            RetryAfter = retryAfter,
            MayHaveTakenEffect = _request.IsPost && failure.MayHaveEffect,
            IsRetryable = (failure.Retry == RetryRule.Always || (failure.Retry == RetryRule.GetOnly && !_request.IsPost))
                && !(retryAfter > RetryPolicy.LongestRetryAfter),
        };
    }

    private AttemptReport Report(long ticks, MetalOtpErrorKind? error, bool withHeaders) =>
        new(_request.Method.Method, _request.DisplayUri, TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency))
        {
            StatusCode = _response?.StatusCode,
            Error = error,
            RequestId = RequestId,
            Headers = withHeaders ? DisplayHeaders.Describe(_httpRequest.Headers, _response, Redactor) : [],
        };
}
