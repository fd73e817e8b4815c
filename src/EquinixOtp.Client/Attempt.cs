using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Flurl.Http;

namespace EquinixOtp.Client;

/// <summary>One request and its answer: sent, timed, judged and reported.</summary>
internal sealed class Attempt
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);
    private static readonly string[] s_secretHeaders = ["token", "auth", "cookie", "secret", "key"];

    private readonly IFlurlRequest _request;
    private readonly HttpMethod _method;
    private readonly string? _otp;
    private readonly TimeProvider _timeProvider;
    private readonly SecretText _secretText;
    private HttpResponseMessage? _response;
    private string? _requestId;

    /// <param name="request">The request, but for its method and body, and with a mask for the OTP.</param>
    /// <param name="method">GET or POST.</param>
    /// <param name="otp">What the URL's mask stands for, or null.</param>
    /// <param name="secretText">Masks what the request carries.</param>
    /// <param name="timeProvider">The clock.</param>
    public Attempt(IFlurlRequest request, HttpMethod method, string? otp, SecretText secretText, TimeProvider timeProvider)
    {
        _request = request;
        _method = method;
        _otp = otp;
        _secretText = secretText;
        _timeProvider = timeProvider;
    }

    private bool IsPost => _method == HttpMethod.Post;

    /// <summary>Sends the request and reads its answer, within <paramref name="timeout"/>.</summary>
    /// <param name="read">Makes the result of the body and the request id; null for a result that needs no body.</param>
    /// <param name="timeout">For all of it, from connecting to the last byte.</param>
    /// <param name="observer">Told of the attempt, or null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MetalOtpException">The attempt failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    // One method, since each async one costs a process's first call about a millisecond.
    public async Task<T?> RunAsync<T>(
        Func<string?, string?, T>? read, TimeSpan timeout, IMetalOtpObserver? observer, CancellationToken cancellationToken)
        where T : class
    {
        using CancellationTokenSource end = _timeProvider.CreateCancellationTokenSource(timeout);
        using CancellationTokenRegistration stop = cancellationToken.Register(state => ((CancellationTokenSource)state!).Cancel(), end);
        long start = Stopwatch.GetTimestamp();
        MetalOtpException? failure = null;
        observer?.AttemptStarting(timeout);
        try
        {
            HttpContent? content = IsPost ? new PostContent(_otp) : null;
            _response = await _request.SendAsync(_method, content, end.Token, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
            _requestId = _response.Headers.TryGetValues("X-Request-Id", out IEnumerable<string>? ids) && ids.First().Trim() is { Length: > 0 } id
                ? _secretText.Clean(id)
                : null;
            int status = (int)_response.StatusCode;
            bool isFailure = status is >= 400 and < 600;
            if (!isFailure)
            {
                RefuseWhatIsNotTheApis(status);
            }

            string? body = null;
            if (isFailure || read is not null)
            {
                try
                {
                    body = await AnswerReader.ReadBodyAsync(_response.Content, end.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (isFailure && e is FormatException or IOException or HttpRequestException && !end.IsCancellationRequested)
                {
                    // The status says what matters. An intermediary's page says nothing more.
                }
            }

            return isFailure ? throw FailStatus(status, body) : read?.Invoke(body, _requestId);
        }
        catch (MetalOtpException e)
        {
            failure = e;
            throw;
        }
        catch (FormatException e) when (_response is not null)
        {
            throw failure = Fail(MetalOtpErrorKind.InvalidResponse, $"The answer {e.Message}", IsPost);
        }
        catch (Exception e) when (e is FlurlHttpException or HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw failure = end.IsCancellationRequested
                ? Fail(MetalOtpErrorKind.Timeout, $"No complete answer came within {timeout.TotalSeconds:0.###} seconds", mayHaveTakenEffect: IsPost, retry: !IsPost)
                : _response is null ? FailConnection(e.InnerException as NoAnswerException) : FailBody(e);
        }
        finally
        {
            if (observer is { WantsReports: true })
            {
                observer.AttemptEnded(Report(Stopwatch.GetTimestamp() - start, failure?.Kind, observer.WantsHeaders));
            }

            _response?.Dispose();
        }
    }

    private void RefuseWhatIsNotTheApis(int status)
    {
        if (status is >= 300 and < 400)
        {
            throw Fail(MetalOtpErrorKind.UnexpectedRedirect, "The answer is a redirect, which is never followed", IsPost);
        }

        // As it came, since what .NET can't read of it may be a page's all the same.
        bool isPage = _response!.Content.Headers.TryGetValues("Content-Type", out IEnumerable<string>? types)
            && types.Any(type => type.IndexOf("html", StringComparison.OrdinalIgnoreCase) >= 0);
        if (status is < 200 or >= 600 || isPage)
        {
            // Something that isn't the API answered, so even a 200 says nothing of what was asked.
            throw Fail(MetalOtpErrorKind.InvalidResponse, "The answer is not the API's", IsPost);
        }
    }

    private MetalOtpException FailStatus(int status, string? body)
    {
        string[] errors = [.. AnswerReader.Errors(body).Take(5).Select(_secretText.Clean)];
        bool speaksOfOtp = errors.Any(error => Regex.IsMatch(error, @"\bOTP\b|one-time", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
        (MetalOtpErrorKind kind, string what) = status switch
        {
            400 or 422 or 424 when _otp is not null => (MetalOtpErrorKind.OtpRejected, "The API rejected the OTP"),
            401 or 403 when _otp is not null && speaksOfOtp => (MetalOtpErrorKind.OtpRejected, "The API rejected the OTP"),
            401 => (MetalOtpErrorKind.Unauthorized, "The API doesn't accept the token"),
            403 => (MetalOtpErrorKind.Forbidden, "The token may not do this"),
            404 => (MetalOtpErrorKind.NotFound, "The API knows no such thing"),
            429 => (MetalOtpErrorKind.RateLimited, "The API asks for fewer calls"),
            >= 500 => (MetalOtpErrorKind.ServerError, "The API failed"),
            _ => (MetalOtpErrorKind.RequestRejected, "The API rejected the request"),
        };
        bool isTransient = status == 429 || (!IsPost && status is 408 or >= 500);
        TimeSpan? retryAfter = RetryAfter();
        return Fail(kind, what, mayHaveTakenEffect: IsPost && status is 408 or >= 500, retry: isTransient && !(retryAfter > s_longestWait), errors, retryAfter);
    }

    // Null when the client was disposed meanwhile.
    private MetalOtpException FailConnection(NoAnswerException? error) => Fail(
        MetalOtpErrorKind.ConnectionFailed,
        error?.Message ?? "The connection was closed before an answer came",
        mayHaveTakenEffect: IsPost && error is null or { Progress: Progress.Sent },
        retry: error is { Progress: Progress.None } || (!IsPost && error is not { Progress: Progress.Refused }));

    // The connection ended in the body.
    private MetalOtpException FailBody(Exception error) => RequestHandler.Cause<SocketException>(error) is { } socket
        ? Fail(MetalOtpErrorKind.ConnectionFailed, $"The connection failed ({socket.SocketErrorCode})", IsPost, retry: !IsPost)
        : Fail(MetalOtpErrorKind.InvalidResponse, "The answer is cut short", IsPost);

    private MetalOtpException Fail(
        MetalOtpErrorKind kind,
        string what,
        bool mayHaveTakenEffect = false,
        bool retry = false,
        IReadOnlyList<string>? errors = null,
        TimeSpan? retryAfter = null)
    {
        var details = new List<string> { $"{_method.Method} {DisplayPath()}" };
        if (_response is not null)
        {
            details.Add(string.Format(CultureInfo.InvariantCulture, "HTTP {0}", (int)_response.StatusCode));
        }

        if (_requestId is not null)
        {
            details.Add("request id " + _requestId);
        }

        string words = errors is { Count: > 0 } ? ": " + string.Join(" ", errors) : string.Empty;
        return new MetalOtpException(kind, $"{what}{words} ({string.Join(", ", details)}).")
        {
            StatusCode = _response?.StatusCode,
            Errors = errors ?? [],
            RequestId = _requestId,
            RetryAfter = retryAfter,
            MayHaveTakenEffect = mayHaveTakenEffect,
            IsRetryable = retry,
        };
    }

    // RFC 9110, 10.2.3: seconds or a date. Read by hand, since .NET drops seconds that don't fit in an int.
    private TimeSpan? RetryAfter()
    {
        if (!_response!.Headers.TryGetValues("Retry-After", out IEnumerable<string>? values))
        {
            return null;
        }

        string text = values.First().Trim();
        if (text.Length > 0 && text.All(c => c is >= '0' and <= '9'))
        {
            return double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double seconds) && seconds < TimeSpan.MaxValue.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : TimeSpan.MaxValue;
        }

        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            && date - _timeProvider.GetUtcNow() is { Ticks: > 0 } wait
            ? wait
            : null;
    }

    private AttemptReport Report(long ticks, MetalOtpErrorKind? error, bool withHeaders) =>
        new(_method.Method, DisplayPath(), TimeSpan.FromSeconds(ticks / (double)Stopwatch.Frequency))
        {
            StatusCode = _response?.StatusCode,
            Error = error,
            RequestId = _requestId,
            Headers = withHeaders ? [.. DescribeHeaders()] : [],
        };

    private string DisplayPath() => _secretText.Clean(_request.Url.ToUri().AbsolutePath);

    private IEnumerable<string> DescribeHeaders()
    {
        foreach (KeyValuePair<string, object> header in _request.Headers)
        {
            yield return Describe('>', header.Key, Convert.ToString(header.Value, CultureInfo.InvariantCulture) ?? string.Empty);
        }

        if (_response is not null)
        {
            foreach (KeyValuePair<string, IEnumerable<string>> header in _response.Headers.Concat(_response.Content.Headers))
            {
                yield return Describe('<', header.Key, string.Join(", ", header.Value));
            }
        }
    }

    private string Describe(char direction, string name, string value) =>
        $"{direction} {_secretText.Clean(name)}: "
        + (s_secretHeaders.Any(part => name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0) ? SecretText.Mask : _secretText.Clean(value));
}
