using System.Net;

namespace EquinixOtp.Client;

/// <summary>Where and how a <see cref="MetalOtpClient"/> calls. Immutable; checked when a client is made of it.</summary>
public sealed record MetalOtpClientOptions
{
    private static readonly Uri s_publicApi = new("https://api.equinix.com/metal/v1");

    /// <summary>The API's base URL; https, or http to loopback. The public API unless told otherwise.</summary>
    public Uri BaseUrl { get; init; } = s_publicApi;

    /// <summary>How long one attempt may take, above zero, its answer's body included. 30 seconds unless told otherwise.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a failed attempt is repeated where that is safe: 0, for never, or more. 3 unless told otherwise.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>The first wait before a retry, 0 or more; then exponential up to a minute, with jitter. 1 second unless told otherwise.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The proxy to use, or null for the system's own setting, which is never used for a loopback URL.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The credential for <see cref="Proxy"/>, or null. A client with one keeps its connections to itself.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>True to use no proxy at all, whatever the system says.</summary>
    public bool NoProxy { get; init; }

    /// <summary>The calling program as a user agent's product, such as <c>PowerShell/7.6.0</c>, or null.</summary>
    public string? HostProduct { get; init; }

    internal void Validate()
    {
        if (Timeout <= TimeSpan.Zero || MaxRetries < 0 || RetryInterval < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                null, $"{nameof(Timeout)} must be above zero, {nameof(MaxRetries)} and {nameof(RetryInterval)} must not be below.");
        }

        if (!IsPlainHttpUrl(BaseUrl))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InvalidApiUrl,
                "The API's URL must be an absolute http(s) URL without user name, query or fragment.");
        }

        if (BaseUrl.Scheme == Uri.UriSchemeHttp && !IsLoopback(BaseUrl))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InsecureApiUrl,
                "The API's URL is plain http to a host other than this one: the token and the OTP would travel unprotected.");
        }

        if (Proxy is null ? ProxyCredential is not null : NoProxy || !IsPlainHttpUrl(Proxy))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InvalidProxy,
                "The proxy must be an absolute http(s) URL without user name, query or fragment, and comes with NoProxy never, with a credential only.");
        }

        if (Proxy is not null && BaseUrl.Scheme == Uri.UriSchemeHttp && !IsLoopback(Proxy))
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InsecureApiUrl,
                "The API's URL is plain http and the proxy is another host: the token and the OTP would travel unprotected.");
        }
    }

    // Not Uri.IsLoopback, which takes the DNS name "loopback" for this machine.
    internal static bool IsLoopback(Uri url) =>
        url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
            && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    // The text is looked at as well: System.Uri forgets an empty user name, query or fragment.
    private static bool IsPlainHttpUrl(Uri? url) =>
        url is { IsAbsoluteUri: true }
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.Host.Length > 0
        && url.OriginalString.IndexOfAny(['@', '?', '#']) < 0;
}
