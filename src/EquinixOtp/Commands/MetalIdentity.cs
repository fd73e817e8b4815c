using System.Security;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>The API and the token of one pipeline record, and their sources.</summary>
/// <param name="ApiUrl">The API's base URL.</param>
/// <param name="ApiUrlSource">Where the URL comes from, for messages.</param>
/// <param name="Token">The token.</param>
/// <param name="TokenSource">Where the token comes from, for messages.</param>
internal sealed record MetalIdentity(Uri ApiUrl, string ApiUrlSource, SecureString Token, string TokenSource)
{
    private const string UrlVariable = "METAL_API_URL";

    private static readonly string[] s_tokenVariables = ["METAL_AUTH_TOKEN", "METAL_API_TOKEN", "PACKET_AUTH_TOKEN"];

    /// <summary>Resolves the parameters, then the environment, then the public API. Null if there is no token.</summary>
    /// <param name="token">The bound <c>-Token</c>, or null if it is not bound.</param>
    /// <param name="apiUrl">The bound <c>-ApiUrl</c>, or null if it is not bound.</param>
    public static MetalIdentity? FromParameters(SecureString? token, Uri? apiUrl)
    {
        (Uri url, string urlSource) = ResolveApiUrl(apiUrl);
        if (token is not null)
        {
            return new MetalIdentity(url, urlSource, token, "-Token");
        }

        foreach (string variable in s_tokenVariables)
        {
            if (ReadEnvironment(variable) is { } value)
            {
                return new MetalIdentity(url, urlSource, value.ToSecureString(), variable);
            }
        }

        return null;
    }

    /// <summary>Resolves the parameter, then the environment, then the public API.</summary>
    /// <param name="apiUrl">The bound <c>-ApiUrl</c>, or null if it is not bound.</param>
    public static (Uri Url, string Source) ResolveApiUrl(Uri? apiUrl) =>
        apiUrl is not null ? (apiUrl, "-ApiUrl")
        : ReadEnvironment(UrlVariable) is { } text ? (UrlTransformationAttribute.ToUrl(text), UrlVariable)
        : (new MetalOtpClientOptions().BaseUrl, "the module's default");

    /// <summary>The user and the API of a confirmation. Null if serialization lost the token.</summary>
    public static MetalIdentity? FromConfirmation(OtpConfirmation confirmation)
    {
        const string Source = "the confirmation";
        return confirmation.SessionToken is { } session
            ? new MetalIdentity(confirmation.ApiUrl, Source, ParameterInput.Copy(session), "the confirmation's session token")
            : confirmation.ConfirmingToken is { } token
                ? new MetalIdentity(confirmation.ApiUrl, Source, token, "the token that confirmed")
                : null;
    }

    /// <summary>Whether both call the same API with the same token.</summary>
    public bool IsSameCaller(MetalIdentity other) =>
        ApiUrl.OriginalString == other.ApiUrl.OriginalString
        && (ReferenceEquals(Token, other.Token) || Token.ToPlainText() == other.Token.ToPlainText());

    private static string? ReadEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
