using System.Net;
using System.Text;
using EquinixOtp.Client.Http;

namespace EquinixOtp.Client.Responses;

/// <summary>Reads a response body up to a limit.</summary>
internal static class ResponseBody
{
    /// <summary>The longest body, in bytes.</summary>
    public const int MaxLength = 1024 * 1024;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the body, without a byte order mark.</summary>
    /// <exception cref="FormatException">The body is longer than <see cref="MaxLength"/>, shorter than announced, or not UTF-8.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        long? announced = response.Content.Headers.ContentLength;
        // A 204 has no body, whatever its headers say (RFC 9110 section 15.3.5).
        if (announced == 0 || response.StatusCode == HttpStatusCode.NoContent)
        {
            return [];
        }

        if (announced > MaxLength)
        {
            throw new FormatException("is longer than 1 MiB");
        }

        byte[] buffer = new byte[announced ?? 4096];
        int length = 0;
        using Stream body = await HttpPlatform.OpenBodyAsync(response.Content, cancellationToken).ConfigureAwait(false);
        int count;
        do
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }

            count = await HttpPlatform.ReadAsync(body, buffer, length, cancellationToken).ConfigureAwait(false);
            length += count;
            if (length > MaxLength)
            {
                throw new FormatException("is longer than 1 MiB");
            }
        }
        while (count > 0 && length != announced);

        // Closing the stream, which ends a read on .NET Framework, may look like the end of the body.
        cancellationToken.ThrowIfCancellationRequested();

        // .NET Framework reports no error for a body that ends early. An empty body that ends only with the connection may be cut, too.
        if (length < announced || (length == 0 && response.Headers.TransferEncodingChunked != true))
        {
            throw new FormatException("is cut short");
        }

        try
        {
            _ = s_strictUtf8.GetCharCount(buffer, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException("is not UTF-8");
        }

        // RFC 8259 section 8.1 lets a reader ignore a byte order mark.
        int start = length >= 3 && buffer[0] == 0xEF && buffer[1] == 0xBB && buffer[2] == 0xBF ? 3 : 0;
        return buffer.AsSpan(start, length - start).ToArray();
    }
}
