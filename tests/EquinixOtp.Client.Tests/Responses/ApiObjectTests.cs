using System.Text;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Tests;

public class ApiObjectTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" \t\r\n{ } \n")]
    [InlineData("""{"a":1,"b":[{}],"c":{"a":null,"d":[true,false,1.5e3,"x"]}}""")]
    [InlineData("""{"Token":"x","recovery-codes":["x"],"ERROR":"x"}""")]
    [InlineData("""{"token":null,"recovery_codes":null}""")]
    [InlineData("""{"token":1}""")]
    [InlineData("""{"token":["x"]}""")]
    [InlineData("""{"token":{"token":"x"}}""")]
    [InlineData("""{"recovery_codes":"x"}""")]
    [InlineData("""{"recovery_codes":["x",1]}""")]
    [InlineData("""{"recovery_codes":[["x"],"y"]}""")]
    [InlineData("""{"recovery_codes":[{"a":["x"]}]}""")]
    [InlineData("""{"data":{"token":"x","recovery_codes":["x"],"error":"x"}}""")]
    public void Property_that_is_missing_or_of_another_type_is_null(string json)
    {
        ApiObject parsed = Parse(json);

        Assert.Null(parsed.Token);
        Assert.Null(parsed.RecoveryCodes);
        Assert.Null(parsed.Errors);
    }

    [Fact]
    public void Properties_are_read_in_any_order_beside_others()
    {
        ApiObject parsed = Parse(
            """{"x":[{"token":"no"}],"token":"t-1","y":{"error":"no"},"recovery_codes":["a","é","b\n\"\\\/\b\f\r\t\u00e9"],"z":0}""");

        Assert.Equal("t-1", parsed.Token);
        Assert.Equal(["a", "é", "b\n\"\\/\b\f\r\té"], parsed.RecoveryCodes);
        Assert.Null(parsed.Errors);
    }

    [Fact]
    public void JSON_cut_short_anywhere_is_rejected()
    {
        const string Json = """{"recovery_codes":["x"],"token":"t","error":"e","errors":["e"],"a":{"b":{},"c":[{}]},"m":{},"n":1}""";
        for (int length = 0; length < Json.Length; length++)
        {
            AssertRejected(Json[..length], "not JSON");
        }
    }

    [Theory]
    [InlineData("""{"recovery_codes":[["a"],"b"],"token":"x"}""")]
    [InlineData("""{"recovery_codes":[{"a":"b"}],"token":"x"}""")]
    public void Property_after_a_list_of_another_type_is_read(string json)
    {
        ApiObject parsed = Parse(json);

        Assert.Null(parsed.RecoveryCodes);
        Assert.Equal("x", parsed.Token);
    }

    [Fact]
    public void Property_is_recognised_by_its_unescaped_name() => Assert.Equal("x", Parse("""{"\u0074oken":"x"}""").Token);

    [Theory]
    [InlineData("""{"error":"One"}""", "One")]
    [InlineData("""{"errors":["One","Two"]}""", "One", "Two")]
    [InlineData("""{"error":"One","errors":["Two"]}""", "One", "Two")]
    [InlineData("""{"errors":["Two"],"x":["no"],"error":"One","y":"no"}""", "Two", "One")]
    [InlineData("""{"errors":["1","2","3","4","5","6"],"error":"7"}""", "1", "2", "3", "4", "5")]
    [InlineData("""{"errors":[1,null,["One"],"Two"]}""", "One", "Two")]
    [InlineData("""{"errors":"One"}""", "One")]
    [InlineData("""{"errors":{"otp":["is invalid","is used"],"base":"no"}}""", "otp: is invalid", "otp: is used", "base: no")]
    [InlineData("""{"errors":[{"message":"One"},{"message":"Two"},"Three"]}""", "message: One", "message: Two", "Three")]
    [InlineData("""{"errors":{"a":{"b":{"c":"One"}}},"x":"no"}""", "c: One")]
    [InlineData("""{"error":{"message":"One"},"other":"x"}""", "message: One")]
    [InlineData("""{"errors":["  ","One"]}""", "One")]
    [InlineData("""{"error":false}""")]
    [InlineData("""{"errors":[]}""")]
    public void Errors_of_any_shape_are_read(string json, params string[] errors) => Assert.Equal(errors, Parse(json).Errors);

    // Not data of a theory: attributes cannot hold a lone surrogate.
    [Fact]
    public void Lone_surrogate_loses_no_other_text()
    {
        Assert.Equal(
            ["a\uD83Db", "\uDD11", "c\uD83D\uD83Dd", "\uD83D\uDD11"],
            Parse("""{"errors":["a\ud83db","\udd11","c\uD83D\ud83dd","\ud83d\udd11"]}""").Errors);
        Assert.Equal(["\uD83D: One"], Parse("""{"errors":{"\ud83d":"One"}}""").Errors);
        Assert.Equal("x", Parse("""{"\ud83d":"y","token":"x"}""").Token);
        Assert.Equal("\uDD11", Parse("""{"token":"\udd11"}""").Token);
        Assert.Equal(["\uD83D"], Parse("""{"recovery_codes":["\ud83d"]}""").RecoveryCodes);
    }

    [Theory]
    [InlineData("""/* a */{/* b */"token":/* c */"x"/* d */}/* e */""")]
    [InlineData("// a\n{ // b\n\"token\": // c\n\"x\" // d\n} // e")]
    public void Comments_are_ignored_between_tokens(string json) => Assert.Equal("x", Parse(json).Token);

    [Fact]
    public void Comments_are_ignored_inside_values() =>
        Assert.Equal(
            ["One", "a: Two"],
            Parse("""{"errors":[/* no */"One",/* no */{"a":/* no */"Two"}/* no */]/* no */,"x":[/* no */]}""").Errors);

    [Theory]
    [InlineData("""{"token":"a","token":"b"}""")]
    [InlineData("""{"token":"a","\u0074oken":"a"}""")]
    [InlineData("""{"x":1,"token":"a","x":2}""")]
    [InlineData("""{"errors":[],"errors":[]}""")]
    [InlineData("""{"\ud83d":1,"\uD83D":1}""")]
    public void Object_with_a_property_twice_is_rejected(string json) => AssertRejected(json, "twice");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"{}\"")]
    public void Other_JSON_value_is_rejected(string json) => AssertRejected(json, "not a JSON object");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/* {} */")]
    [InlineData("}")]
    [InlineData("{}}")]
    [InlineData("{} {}")]
    [InlineData("{},")]
    [InlineData("{} canary")]
    [InlineData("""{"token":"x"} /""")]
    [InlineData("""{"token":"x",}""")]
    [InlineData("""{"token":}""")]
    [InlineData("""{"token" "x"}""")]
    [InlineData("""{token:"x"}""")]
    [InlineData("{'token':'x'}")]
    [InlineData("""{"token":'x'}""")]
    [InlineData("""{"token":"x\q"}""")]
    [InlineData("""{"token":"x\u12"}""")]
    [InlineData("""{"x":"\u00zz"}""")]
    [InlineData("{\"token\":\"a\nb\"}")]
    [InlineData("{\"token\":\"a\0b\"}")]
    [InlineData("""{"x":NaN}""")]
    [InlineData("""{"x":01}""")]
    [InlineData("""{"x":[1,]}""")]
    [InlineData("""{"x":[}]}""")]
    [InlineData("""{"errors":["canary"}""")]
    [InlineData("""{"errors":{"a":"canary"]}""")]
    [InlineData("\uFEFF{}")]
    [InlineData("<html>canary</html>")]
    public void Text_that_is_not_JSON_is_rejected(string json) => AssertRejected(json, "not JSON");

    [Theory]
    [InlineData("x")]
    [InlineData("token")]
    [InlineData("recovery_codes")]
    [InlineData("errors")]
    public void Nesting_is_limited_to_32_levels(string name)
    {
        // The object is the first level.
        Parse(Nested(31, name, '[', ']', "1"));
        Parse(NestedObjects(31, name));

        AssertRejected(Nested(32, name, '[', ']', "1"), "not JSON");
        AssertRejected(NestedObjects(32, name), "not JSON");
        AssertRejected(Nested(63, name, '[', ']', "1"), "not JSON");
        AssertRejected(Nested(100_000, name, '[', ']', "1"), "not JSON");
    }

    [Fact]
    public void Message_at_the_deepest_level_is_read() =>
        Assert.Equal(["One"], Parse(Nested(31, "errors", '[', ']', "\"One\"")).Errors);

    private static string Nested(int depth, string name, char open, char close, string value) =>
        $$"""{"{{name}}":{{new string(open, depth)}}{{value}}{{new string(close, depth)}}}""";

    private static string NestedObjects(int depth, string name) =>
        $$"""{"{{name}}":{{string.Concat(Enumerable.Repeat("{\"a\":", depth))}}1{{new string('}', depth)}}}""";

    private static ApiObject Parse(string json) => ApiObject.Parse(Encoding.UTF8.GetBytes(json));

    private static void AssertRejected(string json, string reason)
    {
        string message = Assert.Throws<FormatException>(() => Parse(json)).Message;

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary.Mark, message, StringComparison.OrdinalIgnoreCase);
    }
}
