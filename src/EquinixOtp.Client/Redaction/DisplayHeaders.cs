namespace EquinixOtp.Client.Redaction;

/// <summary>HTTP headers as text for the debug stream.</summary>
internal static class DisplayHeaders
{
    // A header with one of these in its name is masked whole.
    private static readonly string[] s_secretNames =
        ["token", "auth", "cookie", "secret", "key", "session", "passw", "pwd", "credential", "otp", "code"];

    /// <summary>Lists the request's headers (<c>&gt; name: value</c>), then the response's (<c>&lt; name: value</c>).</summary>
    /// <param name="request">The request's headers, which are the client's own.</param>
    /// <param name="response">The response, or null.</param>
    /// <param name="redactor">Redacts the response's names and values.</param>
    public static IReadOnlyList<string> Describe(
        IEnumerable<(string Name, string Value)> request, HttpResponseMessage? response, Redactor redactor)
    {
        var lines = new List<string>();
        foreach ((string name, string value) in request.OrderBy(header => header.Name, StringComparer.Ordinal))
        {
            lines.Add($"> {name}: {(IsSecret(name) ? Redactor.Mask : value)}");
        }

        if (response is not null)
        {
            foreach (KeyValuePair<string, IEnumerable<string>> header in response.Headers.Concat(response.Content.Headers))
            {
                string value = IsSecret(header.Key) ? Redactor.Mask : redactor.Redact(string.Join(", ", header.Value));
                lines.Add($"< {redactor.Redact(header.Key)}: {value}");
            }
        }

        return lines;
    }

    private static bool IsSecret(string name) => s_secretNames.Any(part => name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0);
}
