using System.Globalization;
using System.Text;
using System.Text.Json;
using EquinixOtp.Client;
using EquinixOtp.Client.Redaction;
using EquinixOtp.Client.Requests;
using EquinixOtp.Client.Responses;
using EquinixOtp.Tests;

namespace EquinixOtp.Fuzz;

/// <summary>The fuzz targets. A target throws if a property is violated, and AFL++ saves the input as a crash.</summary>
internal static class Targets
{
    private const string Secret = "JBSWY3DPEHPK3PXP";

    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly int[] s_statuses = [200, 204, 301, 400, 401, 403, 404, 408, 422, 424, 429, 500];
    private static readonly string[] s_messagesOfApi =
        ["", "Invalid OTP", "Invalid authentication token", "Access denied for the current authentication token", "Not found"];

    /// <summary>A response. The first byte selects the status code and the operation. The rest is the body.</summary>
    public static void Parser(byte[] input)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent(input[Math.Min(1, input.Length)..]) };
        if (!TryParse(() => ResponseBody.ReadAsync(response, CancellationToken.None).GetAwaiter().GetResult(), out byte[]? read))
        {
            return;
        }

        byte[] body = read!;
        bool isObject = IsJsonObject(body);
        IReadOnlyList<string>? errors = ResponseParser.ParseErrors(body);
        Check(errors is null || (errors.Count == 0 ? body.Length == 0 : isObject && errors.Count <= 5), "at most 5 messages");
        Check(ResponseParser.FindToken(body).Length == 0 || isObject, "only an object has a token");
        bool isSuccess = TryParse(() => ResponseParser.ParseNoContent(body), out bool _);
        Check(!isSuccess || body.Length == 0 || (isObject && errors is null), "a success has no error");
        bool hasCodes = TryParse(() => ResponseParser.ParseRecoveryCodes(body), out IReadOnlyList<string>? codes);
        Check(!hasCodes || (isSuccess && codes!.All(DisplayText.IsVisibleCode)), "a recovery code can be read");
        bool hasToken = TryParse(() => ResponseParser.ParseSessionToken(body), out string? token) && token is not null;
        Check(!hasToken || (isSuccess && ApiToken.IsHeaderSafe(token!) && token!.Length <= ApiToken.MaxLength), "a token fits a header");

        int choice = input.FirstOrDefault();
        bool isVerify = choice >= 128;
        Failure failure = FailureClassifier.Classify(s_statuses[choice % s_statuses.Length], isVerify, errors);
        Check(failure.Kind != MetalOtpErrorKind.OtpRejected || (isVerify && errors is not null), "only the API rejects an OTP");
        Check(failure.Retry != RetryRule.Always || !failure.MayHaveEffect, "a request that may have taken effect is not resent");
    }

    /// <summary>A TOTP secret or URI. The first byte says where another secret is inserted in the rest (0: nowhere).</summary>
    public static void Totp(byte[] input)
    {
        int at = input.FirstOrDefault();
        string text = Encoding.UTF8.GetString(input.AsSpan(Math.Min(1, input.Length)));
        int digits = 6 + (at % 3);
        string uri = $"otpauth://totp/{Uri.EscapeDataString(text)}?digits={digits}&period={at + 1}&secret={Secret}";
        Check(TotpSecret.Parse(uri).ComputeCode(s_now).Length == digits, "a code has the digits that the URI asks for");
        try
        {
            string code = TotpSecret.Parse(at == 0 ? text : text.Insert((at - 1) % (text.Length + 1), Secret)).ComputeCode(s_now);
            Check(code.Length is >= 6 and <= 8 && code.All(char.IsAsciiDigit), "a code has 6 to 8 digits");
        }
        catch (MetalOtpException e)
        {
            Check(e.Kind == MetalOtpErrorKind.InvalidTotpSecret && e.InnerException is null, "the exception is the documented one");
            Check(!ContainsPart(e.Message.ToUpperInvariant(), Secret, length: 4), "no message quotes the secret");
        }
    }

    /// <summary>The <c>Retry-After</c> header. The input is its value.</summary>
    public static void RetryAfterHeader(byte[] input)
    {
        Check(ParseRetryAfter(Encoding.UTF8.GetString(input)) is null or { Ticks: >= 0 }, "a wait is not negative");

        // Any second from now to the year 9999.
        long seconds = 1 + (input.Aggregate(0L, (value, b) => ((value << 8) | b) & long.MaxValue) % 250_000_000_000);
        Check(ParseRetryAfter(seconds.ToString(CultureInfo.InvariantCulture)) == TimeSpan.FromSeconds((double)seconds), "seconds are read");
        Check(ParseRetryAfter(s_now.AddSeconds(seconds).ToString("r")) == TimeSpan.FromSeconds(seconds), "a date is read");
    }

    /// <summary>A server's text with a secret. Five bytes choose its length, three escapes and its place; secret and text follow.</summary>
    public static void RedactorText(byte[] input)
    {
        input = [.. input, .. new byte[Math.Max(0, 6 - input.Length)]];
        string text = Encoding.UTF8.GetString(input.AsSpan(5));
        string secret = text[..Math.Clamp(input[0] % 64, 1, text.Length)];
        string escaped = secret;
        foreach (int choice in input[1..4].Select(choice => choice % (Escaping.Encoders.Count + 1)))
        {
            escaped = choice == 0 || escaped.Length > 300 ? escaped : Escaping.Encoders[choice - 1](escaped);
        }

        text = text[secret.Length..];
        text = text.Insert(input[4] % (text.Length + 1), escaped);
        string shown = new Redactor([secret]).Redact(text);
        if (shown == Redactor.Withheld || s_messagesOfApi.Contains(text))
        {
            return;
        }

        Check(shown.Length <= 501 && shown == DisplayText.Sanitize(shown, 501), "a text can be displayed");
        string folded = Fold(secret);
        Check(folded.Length >= 16 || (folded.Length >= 6 && folded.Any(char.IsDigit)), "a secret that may be a word withholds all text");
        Check(!Escaping.FormsOf(shown).Any(form => ContainsPart(Fold(form), folded, Math.Min(16, folded.Length))), "no secret is shown");
    }

    private static bool TryParse<T>(Func<T> parse, out T? result)
    {
        result = default;
        try
        {
            result = parse();
            return true;
        }
        catch (FormatException e)
        {
            Check(string.IsInterned(e.Message) is not null, "a message is a literal, which quotes nothing");
            return false;
        }
    }

    private static bool IsJsonObject(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = 32, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static TimeSpan? ParseRetryAfter(string value)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", value);
        return RetryAfter.Parse(response.Headers, s_now);
    }

    private static bool ContainsPart(string text, string secret, int length) =>
        Enumerable.Range(0, secret.Length - length + 1).Any(i => text.Contains(secret.Substring(i, length), StringComparison.Ordinal));

    private static string Fold(string text)
    {
        IEnumerable<string> characters = text.EnumerateRunes().Select(rune => rune.ToString());
        IEnumerable<string> visible = characters.Where(c => c[0] != DisplayText.Replacement && !DisplayText.IsInvisible(c, 0));
        return string.Concat(visible).Replace('+', ' ').ToLowerInvariant();
    }

    private static void Check(bool holds, string property)
    {
        if (!holds)
        {
            throw new InvalidOperationException("Broken: " + property);
        }
    }
}
