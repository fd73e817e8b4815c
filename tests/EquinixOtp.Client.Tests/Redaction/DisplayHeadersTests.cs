using EquinixOtp.Client.Redaction;

namespace EquinixOtp.Client.Tests;

public class DisplayHeadersTests
{
    private const string Secret = "zq7Xw2nB9vR4mZ8t";

    [Theory]
    [InlineData("X-Auth-Token")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authenticate")]
    [InlineData("Set-Cookie")]
    [InlineData("X-Client-SECRET")]
    [InlineData("X-Api-Key")]
    [InlineData("Session-Id")]
    [InlineData("X-Password")]
    [InlineData("x-pwd")]
    [InlineData("X-Credential")]
    [InlineData("X-OTP")]
    [InlineData("X-Recovery-Codes")]
    public void Header_whose_name_suggests_a_secret_is_masked_in_both_directions(string name) =>
        Assert.Equal([$"> {name}: ******", $"< {name}: ******"], Describe([(name, "value")], (name, ["value"])));

    [Fact]
    public void Headers_of_the_request_are_sorted_by_name_and_come_first() =>
        Assert.Equal(
            ["> Accept: a", "> User-Agent: b", "< X-B: 1", "< X-A: 2"],
            Describe([("User-Agent", "b"), ("Accept", "a")], ("X-B", ["1"]), ("X-A", ["2"])));

    [Fact]
    public void Header_of_the_content_comes_after_those_of_the_response()
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", $"text/{Secret}");
        response.Headers.TryAddWithoutValidation("Server", "x");

        Assert.Equal(["< Server: x", "< Content-Type: text/******"], DisplayHeaders.Describe([], response, new Redactor([Secret])));
    }

    [Fact]
    public void Values_of_one_header_are_on_one_line() => Assert.Equal(["< Via: a, b"], Describe([], ("Via", ["a", "b"])));

    [Fact]
    public void Text_of_the_server_is_redacted_and_sanitized() =>
        Assert.Equal(
            ["< X-Echo: <******>", "< ******: x", "< X-Escape: a\uFFFD[31mb"],
            Describe([], ("X-Echo", [$"<{Secret}>"]), (Secret, ["x"]), ("X-Escape", ["a\u001B[31mb"])));

    // A mask in the module's own text would reveal an OTP that equals a part of it.
    [Fact]
    public void Text_of_the_client_is_not_redacted() => Assert.Equal([$"> User-Agent: {Secret}"], Describe([("User-Agent", Secret)]));

    [Fact]
    public void Attempt_without_a_response_has_the_headers_of_the_request_alone() =>
        Assert.Equal(["> Accept: a"], DisplayHeaders.Describe([("Accept", "a")], response: null, new Redactor([Secret])));

    private static IReadOnlyList<string> Describe((string Name, string Value)[] request, params (string Name, string[] Values)[] response)
    {
        using var message = new HttpResponseMessage();
        foreach ((string name, string[] values) in response)
        {
            Assert.True(message.Headers.TryAddWithoutValidation(name, values));
        }

        return DisplayHeaders.Describe(request, message, new Redactor([Secret]));
    }
}
