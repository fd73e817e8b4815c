using System.Net;
using System.Text;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Tests;

public class ResponseBodyTests
{
    private const int MaxLength = 1024 * 1024;

    public static MatrixTheoryData<int, bool> Lengths => new([1, 4095, 4096, 4097, 8193, MaxLength - 1, MaxLength], [true, false]);

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Body_up_to_1_MiB_is_read(int length, bool isAnnounced)
    {
        byte[] bytes = new byte[length];
        bytes[^1] = (byte)'z';

        Assert.Equal(bytes, await ReadAsync(new PiecewiseStream(bytes), isAnnounced ? length : null));
    }

    [Fact]
    public async Task Empty_body_is_accepted_only_if_it_is_announced_or_chunked()
    {
        Assert.Empty(await ReadAsync(new PiecewiseStream([]), announced: 0));
        Assert.Empty(await ReadAsync(new PiecewiseStream([]), announced: null, isChunked: true));
        await Assert.ThrowsAsync<FormatException>(() => ReadAsync(new PiecewiseStream([]), announced: null));
    }

    [Theory]
    [InlineData(MaxLength + 1, true)]
    [InlineData(MaxLength + 1, false)]
    [InlineData(3 * MaxLength, false)]
    public async Task Longer_body_is_rejected(int length, bool isAnnounced)
    {
        var body = new PiecewiseStream(new byte[length]);

        FormatException e = await Assert.ThrowsAsync<FormatException>(() => ReadAsync(body, isAnnounced ? length : null));

        Assert.Contains("longer", e.Message, StringComparison.Ordinal);
        Assert.InRange(body.BytesRead, 0, isAnnounced ? 0 : 2 * MaxLength);
    }

    // The stream of .NET Framework ends without an error.
    [Theory]
    [InlineData("{}", 3)]
    [InlineData("{}", MaxLength)]
    [InlineData("", 1)]
    public async Task Body_shorter_than_announced_is_rejected(string text, long announced)
    {
        var body = new PiecewiseStream(Encoding.UTF8.GetBytes(text));

        FormatException e = await Assert.ThrowsAsync<FormatException>(() => ReadAsync(body, announced));

        Assert.Contains("cut short", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_204_has_no_body_whatever_its_headers_say()
    {
        Assert.Empty(await ReadAsync(new PiecewiseStream([]), announced: 9, HttpStatusCode.NoContent));
        Assert.Empty(await ReadAsync(new PiecewiseStream("{}"u8.ToArray()), announced: 2 * MaxLength, HttpStatusCode.NoContent));
    }

    [Fact]
    public async Task Byte_order_mark_is_removed()
    {
        Assert.Equal("{}"u8.ToArray(), await ReadAsync(new PiecewiseStream("\uFEFF{}"u8.ToArray()), announced: 5));
        Assert.Empty(await ReadAsync(new PiecewiseStream("\uFEFF"u8.ToArray()), announced: null));
        Assert.Equal("\uFEFF"u8.ToArray(), await ReadAsync(new PiecewiseStream("\uFEFF\uFEFF"u8.ToArray()), announced: null));
    }

    // Each has two of the three bytes of a byte order mark.
    [Theory]
    [InlineData("\u1EFF")]
    [InlineData("\uFF3F")]
    [InlineData("\uFEFE")]
    public async Task Other_first_character_is_kept(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);

        Assert.Equal(bytes, await ReadAsync(new PiecewiseStream(bytes), bytes.Length));
    }

    [Theory]
    [InlineData(new byte[] { 0xEF, 0xBB })]
    [InlineData(new byte[] { 0xFF, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xFF, 0x22 })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0xBD })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    public async Task Body_that_is_not_UTF_8_is_rejected(byte[] bytes)
    {
        FormatException e = await Assert.ThrowsAsync<FormatException>(() => ReadAsync(new PiecewiseStream(bytes), announced: null));

        Assert.Contains("UTF-8", e.Message, StringComparison.Ordinal);
    }

    // A stream that is closed during a read may report the end of the body.
    [Theory]
    [InlineData(null)]
    [InlineData(9L)]
    public async Task Body_that_ends_because_the_read_was_cancelled_is_a_cancellation(long? announced)
    {
        using var stop = new CancellationTokenSource();
        var body = new PiecewiseStream("{}"u8.ToArray()) { Ended = stop.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(body, announced, cancellationToken: stop.Token));
    }

    private static async Task<byte[]> ReadAsync(
        Stream body,
        long? announced,
        HttpStatusCode status = HttpStatusCode.OK,
        bool? isChunked = null,
        CancellationToken cancellationToken = default)
    {
        using var response = new HttpResponseMessage(status) { Content = new StreamContent(body) };
        response.Content.Headers.ContentLength = announced;
        response.Headers.TransferEncodingChunked = isChunked;
        return await ResponseBody.ReadAsync(response, cancellationToken);
    }

    // Like the stream of a connection: not seekable, and a read returns only the bytes that have arrived.
    private sealed class PiecewiseStream(byte[] bytes) : MemoryStream(bytes)
    {
        /// <summary>Called when the end is read.</summary>
        public Action? Ended { get; init; }

        public int BytesRead { get; private set; }

        public override bool CanSeek => false;

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = Read(buffer.Span[..Math.Min(buffer.Length, BytesRead == 0 ? 1 : 1000)]);
            BytesRead += count;
            if (count == 0)
            {
                Ended?.Invoke();
            }

            return new(count);
        }
    }
}
