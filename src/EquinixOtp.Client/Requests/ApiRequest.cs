using EquinixOtp.Client.Redaction;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Requests;

/// <summary>
/// The request of one attempt. It travels from the operation to the message handler, which puts <see cref="Uri"/> into the HTTP request.
/// </summary>
internal abstract class ApiRequest
{
    /// <param name="method">GET or POST.</param>
    /// <param name="baseUrl">The API's base URL.</param>
    /// <param name="path">The operation's path below the base URL, without the OTP.</param>
    /// <param name="otp">The OTP, which becomes the last path segment, or null.</param>
    /// <exception cref="MetalOtpException"><see cref="MetalOtpErrorKind.InvalidOtp"/>: the OTP is not sent as one path segment.</exception>
    protected ApiRequest(HttpMethod method, Uri baseUrl, string path, string? otp)
    {
        Method = method;
        Otp = otp;
        string url = baseUrl.AbsoluteUri.TrimEnd('/') + path;
        if (otp is null)
        {
            Uri = DisplayUri = new Uri(url);
            return;
        }

        string prefix = new Uri(url + '/').AbsoluteUri;
        string intended = prefix + Uri.EscapeDataString(otp);
        Uri = new Uri(intended);
        DisplayUri = new Uri(prefix + Redactor.Mask);
        // System.Uri removes "." and ".." and, with .NET Framework's old quirks, unescapes %2F: the OTP would select another
        // operation.
        if (Uri.AbsoluteUri != intended)
        {
            throw new MetalOtpException(
                MetalOtpErrorKind.InvalidOtp, "The OTP contains characters that cannot be sent as one URL path segment.");
        }
    }

    public HttpMethod Method { get; }

    /// <summary>The OTP, or null for an operation without one.</summary>
    public string? Otp { get; }

    /// <summary>The URL to send.</summary>
    public Uri Uri { get; }

    /// <summary>The URL to show: a mask stands for the OTP.</summary>
    public Uri DisplayUri { get; }

    public bool IsPost => Method == HttpMethod.Post;
}

/// <summary>An <see cref="ApiRequest"/> with the parser of its successful response.</summary>
/// <typeparam name="T">The operation's result.</typeparam>
internal sealed class ApiRequest<T>(HttpMethod method, Uri baseUrl, string path, string? otp, Func<ApiResponse, T> parse)
    : ApiRequest(method, baseUrl, path, otp)
{
    /// <summary>Creates the result. Throws <see cref="FormatException"/> for a body that the API does not send.</summary>
    public Func<ApiResponse, T> Parse { get; } = parse;
}
