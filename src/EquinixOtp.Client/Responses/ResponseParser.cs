using EquinixOtp.Client.Redaction;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Responses;

/// <summary>
/// Parses response bodies into results. A <see cref="FormatException"/> says why the API does not send such a body, and quotes nothing.
/// </summary>
internal static class ResponseParser
{
    /// <summary>The codes of a <c>RecoveryCodeList</c>.</summary>
    /// <exception cref="FormatException">The body is not a <c>RecoveryCodeList</c>.</exception>
    public static IReadOnlyList<string> ParseRecoveryCodes(byte[] body) =>
        ParseSuccess(body).RecoveryCodes is { } codes && codes.TrueForAll(DisplayText.IsVisibleCode)
            ? codes
            : throw new FormatException("has no valid list of recovery codes");

    /// <summary>The codes of a <c>RecoveryCodeList</c> after a reset: at least one.</summary>
    /// <exception cref="FormatException">The body is not a <c>RecoveryCodeList</c>, or its list is empty.</exception>
    public static IReadOnlyList<string> ParseNewRecoveryCodes(byte[] body) =>
        ParseRecoveryCodes(body) is { Count: > 0 } codes ? codes : throw new FormatException("has an empty list of recovery codes");

    /// <summary>The session token of a verification, or null: an empty body or an object without <c>token</c>.</summary>
    /// <exception cref="FormatException">The body is neither empty nor a JSON object, or its token cannot be used.</exception>
    public static string? ParseSessionToken(byte[] body)
    {
        string? token = body.Length == 0 ? null : ParseSuccess(body).Token;
        return token is null or ""
            ? null
            : token.Length <= ApiToken.MaxLength && ApiToken.IsHeaderSafe(token) ? token
            : throw new FormatException("has a session token that a header cannot carry");
    }

    /// <summary>Checks the response of an operation without a result. Always returns true.</summary>
    /// <exception cref="FormatException">The body is neither empty nor a JSON object.</exception>
    public static bool ParseNoContent(byte[] body) => body.Length == 0 || ParseSuccess(body) is not null;

    /// <summary>
    /// The API's messages in an error response (<c>error</c>, <c>errors</c>); null if the body is one that the API does not send.
    /// </summary>
    public static IReadOnlyList<string>? ParseErrors(byte[] body)
    {
        if (body.Length == 0)
        {
            return [];
        }

        try
        {
            return ApiObject.Parse(body).Errors is { Count: > 0 } errors ? errors : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The <c>token</c> in any body, which is redacted elsewhere in the response; empty if it is missing.</summary>
    public static string FindToken(byte[] body)
    {
        try
        {
            return ApiObject.Parse(body).Token ?? string.Empty;
        }
        catch (FormatException)
        {
            return string.Empty;
        }
    }

    private static ApiObject ParseSuccess(byte[] body)
    {
        if (body.Length == 0)
        {
            throw new FormatException("is empty");
        }

        ApiObject parsed = ApiObject.Parse(body);
        return parsed.Errors is null ? parsed : throw new FormatException("contains an error");
    }
}
