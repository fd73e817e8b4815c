using System.Text;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Tests;

public class ResponseParserTests
{
    public static TheoryData<string> OtherShapes =>
    [
        "welcome", "[1]", "null", "\"ok\"", "1", """{"token":"a"}{}""", """{"token":"a","token":"b"}""", """{"error":"Invalid OTP"}""",
        """{"errors":[],"recovery_codes":["a"]}""", """{"error":"","token":"a"}""",
    ];

    [Theory]
    [MemberData(nameof(OtherShapes))]
    public void Success_of_another_shape_is_rejected_by_every_operation(string body)
    {
        Assert.Throws<FormatException>(() => ResponseParser.ParseRecoveryCodes(Utf8(body)));
        Assert.Throws<FormatException>(() => ResponseParser.ParseSessionToken(Utf8(body)));
        Assert.Throws<FormatException>(() => ResponseParser.ParseNoContent(Utf8(body)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"recovery_codes":["x"],"token":1}""")]
    public void Operation_without_a_result_accepts_no_body_and_any_object(string body) =>
        Assert.True(ResponseParser.ParseNoContent(Utf8(body)));

    [Theory]
    [InlineData("""{"recovery_codes":[]}""")]
    [InlineData("""{"recovery_codes":["one"]}""", "one")]
    [InlineData("""{"recovery_codes":["3","2","1","10","3"]}""", "3", "2", "1", "10", "3")]
    [InlineData("""{"other":{"recovery_codes":1},"recovery_codes":["2026-01-02T03:04:05Z","é"]}""", "2026-01-02T03:04:05Z", "é")]
    public void Recovery_codes_are_unchanged_and_in_order(string body, params string[] codes) =>
        Assert.Equal(codes, ResponseParser.ParseRecoveryCodes(Utf8(body)));

    [Fact]
    public void Empty_list_of_recovery_codes_is_rejected_after_a_reset()
    {
        Assert.Equal(["one"], ResponseParser.ParseNewRecoveryCodes(Utf8("""{"recovery_codes":["one"]}""")));
        Assert.Throws<FormatException>(() => ResponseParser.ParseNewRecoveryCodes(Utf8("""{"recovery_codes":[]}""")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"Recovery_Codes":["one"]}""")]
    [InlineData("""{"recovery_codes":["one",null]}""")]
    [InlineData("""{"recovery_codes":["one",""]}""")]
    [InlineData("""{"recovery_codes":["one","\u3164"]}""")]
    [InlineData("""{"recovery_codes":["one\ud83d"]}""")]
    public void Body_without_a_list_of_visible_recovery_codes_is_rejected(string body) =>
        Assert.Throws<FormatException>(() => ResponseParser.ParseRecoveryCodes(Utf8(body)));

    [Theory]
    [InlineData("", null)]
    [InlineData("{}", null)]
    [InlineData("""{"token":null}""", null)]
    [InlineData("""{"token":""}""", null)]
    [InlineData("""{"token":["x"]}""", null)]
    [InlineData("""{"token":1}""", null)]
    [InlineData("""{"token":"a"}""", "a")]
    [InlineData("""{"token":"!~\u0041\/"}""", "!~A/")]
    public void Session_token_is_optional(string body, string? token) => Assert.Equal(token, ResponseParser.ParseSessionToken(Utf8(body)));

    [Theory]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a\\r\\nX-Evil: 1")]
    [InlineData("a\\u0000")]
    [InlineData("é")]
    [InlineData("\\ud83d")]
    public void Session_token_that_a_header_cannot_carry_is_rejected(string escaped) =>
        Assert.Throws<FormatException>(() => ResponseParser.ParseSessionToken(Utf8($$"""{"token":"{{escaped}}"}""")));

    [Fact]
    public void Session_token_may_have_4096_characters()
    {
        Assert.Equal(4096, ResponseParser.ParseSessionToken(Utf8($$"""{"token":"{{new string('x', 4096)}}"}"""))!.Length);
        Assert.Throws<FormatException>(() => ResponseParser.ParseSessionToken(Utf8($$"""{"token":"{{new string('x', 4097)}}"}""")));
    }

    [Fact]
    public void Empty_body_is_named_in_the_exception() =>
        Assert.Equal("is empty", Assert.Throws<FormatException>(() => ResponseParser.ParseRecoveryCodes([])).Message);

    [Fact]
    public void Error_response_without_a_body_has_no_messages() => Assert.Empty(ResponseParser.ParseErrors([])!);

    [Theory]
    [InlineData(" ")]
    [InlineData("{}")]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"error":5}""")]
    [InlineData("""{"errors":[]}""")]
    [InlineData("""{"error":"  "}""")]
    [InlineData("""{"message":"Forbidden"}""")]
    [InlineData("""["Invalid OTP"]""")]
    [InlineData("""{"error":"Invalid OTP" """)]
    [InlineData("""{"error":"Invalid OTP","error":"x"}""")]
    [InlineData("<html>Bad request</html>")]
    public void Error_response_of_another_shape_is_not_recognised(string body) => Assert.Null(ResponseParser.ParseErrors(Utf8(body)));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
