using System.Net;
using System.Reflection;
using System.Security;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client;

/// <summary>The API, the token and the settings of a <see cref="MetalOtpClient"/>. Immutable; validated by its constructor.</summary>
public sealed record MetalOtpClientOptions
{
    private static readonly Uri s_publicApi = new("https://api.equinix.com/metal/v1");

    // The limit of Polly's delays.
    private static readonly TimeSpan s_longestTime = TimeSpan.FromDays(1);

    private static readonly string s_product = "EquinixOtp/"
        + typeof(MetalOtpClientOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The API's base URL: https, or http to loopback. Default: the public API.</summary>
    public Uri BaseUrl { get; init; } = s_publicApi;

    /// <summary>The user's API token or a session token: 1 to 4,096 visible ASCII characters. Required.</summary>
    public SecureString Token { get; init; } = new();

    /// <summary>The limit of one attempt, including the response body: above zero, at most a day. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum number of retries, which are made only where they are safe: 0 or more. Default: 3.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>
    /// The first wait before a retry: 0 to a day, then exponential up to a minute, with jitter. Default: 1 second.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The proxy, or null for the system's setting, which is never used for a loopback URL.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The credential for <see cref="Proxy"/>, or null. A client with a credential has its own connections.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Whether to use no proxy, regardless of the system's setting.</summary>
    public bool NoProxy { get; init; }

    /// <summary>The calling program as a product of the user agent, for example <c>PowerShell/7.6.0</c>, or null.</summary>
    public string? HostProduct { get; init; }

    internal bool UsesSystemProxy => Proxy is null && !NoProxy && !IsLoopback(BaseUrl);

    internal string UserAgent => HostProduct is null ? s_product : $"{s_product} {HostProduct}";

    /// <summary>
    /// Whether a URL is absolute, is http or https, and contains none of <c>@</c>, <c>?</c> and <c>#</c>, as the API's and the proxy's
    /// must. It then has no user name, query or fragment. Any other URL may contain a secret.
    /// </summary>
    /// <param name="url">The URL, or null, which is invalid.</param>
    public static bool IsValidUrl(Uri? url) =>
        url is { IsAbsoluteUri: true }
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        // System.Uri drops an empty user name, query or fragment: check the original text.
        && url.OriginalString.IndexOfAny(['@', '?', '#']) < 0;

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > s_longestTime
            || RetryInterval < TimeSpan.Zero || RetryInterval > s_longestTime
            || MaxRetries < 0)
        {
            throw new ArgumentOutOfRangeException(
                null,
                $"{nameof(Timeout)} must be above zero, {nameof(RetryInterval)} and {nameof(MaxRetries)} at least zero, "
                + "and both times at most a day.");
        }

        if (!IsValidUrl(BaseUrl))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InvalidApiUrl,
                "The API's URL must be an absolute http(s) URL without the characters @, ? and #.");
        }

        if (BaseUrl.Scheme == Uri.UriSchemeHttp && !IsLoopback(BaseUrl))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InsecureApiUrl,
                "The API's URL is plain http to another machine: the token and the OTP would be sent unencrypted.");
        }

        string? proxyProblem =
            Proxy is null ? (ProxyCredential is null ? null : "A proxy credential needs a proxy.")
            : NoProxy ? "A proxy and NoProxy exclude each other."
            : IsValidUrl(Proxy) ? null
            : "The proxy must be an absolute http(s) URL without the characters @, ? and #.";
        if (proxyProblem is not null)
        {
            throw new MetalOtpException(MetalOtpErrorKind.InvalidProxy, proxyProblem);
        }

        if (Proxy is not null && BaseUrl.Scheme == Uri.UriSchemeHttp && !IsLoopback(Proxy))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InsecureApiUrl,
                "The API's URL is plain http and the proxy is on another machine: the token and the OTP would be sent unencrypted.");
        }

        ApiToken.Validate(Token);
    }

    // Not Uri.IsLoopback, which also accepts the DNS name "loopback".
    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost"
        || (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}
