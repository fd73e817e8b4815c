using CsCheck;
using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

public class ApiRequestTests
{
    // System.Uri unescapes and folds the paths of this scheme, as .NET Framework's old URI quirks do for http.
    private const string QuirkScheme = "metal-otp-quirk";

    static ApiRequestTests() => UriParser.Register(new GenericUriParser(GenericUriParserOptions.Default), QuirkScheme, 80);

    [Theory]
    [InlineData("https://api.equinix.com/metal/v1", "https://api.equinix.com/metal/v1/user/otp/verify/")]
    [InlineData("https://api.equinix.com/metal/v1///", "https://api.equinix.com/metal/v1/user/otp/verify/")]
    [InlineData("HTTPS://API.EQUINIX.COM", "https://api.equinix.com/user/otp/verify/")]
    [InlineData("http://127.0.0.1/metal//v1;b=c/", "http://127.0.0.1/metal//v1;b=c/user/otp/verify/")]
    [InlineData("http://127.0.0.1/a b/../c/./100%25", "http://127.0.0.1/c/100%25/user/otp/verify/")]
    [InlineData("https://api.equinix.com:443/", "https://api.equinix.com/user/otp/verify/")]
    [InlineData("http://[::ffff:127.0.0.1]:8180/a%20b/é", "http://[::ffff:127.0.0.1]:8180/a%20b/%C3%A9/user/otp/verify/")]
    [InlineData("https://api.equinix.com/%%72", "https://api.equinix.com/%25r/user/otp/verify/")]
    [InlineData("https://bücher.example/a%2Fb%2e%2e", "https://bücher.example/a%2Fb../user/otp/verify/")]
    public void OTP_is_one_path_segment_of_the_URL_to_send_and_masked_in_the_URL_to_show(string baseUrl, string prefix)
    {
        (string, string)[] segments =
        [
            ("012345", "012345"), ("../a b", "..%2Fa%20b"), ("%2F?#é", "%252F%3F%23%C3%A9"), ("...", "..."), ("%2e%2e", "%252e%252e"),
            ("a\\b", "a%5Cb"), ("e\u0301一\U0001F511", "e%CC%81%E4%B8%80%F0%9F%94%91"),
            ("'\"<>[]{}|^`~!*()$,:@-_.+&=;", "%27%22%3C%3E%5B%5D%7B%7D%7C%5E%60~%21%2A%28%29%24%2C%3A%40-_.%2B%26%3D%3B"),
        ];
        foreach ((string otp, string segment) in segments)
        {
            ApiRequest<bool> request = Create(HttpMethod.Post, new Uri(baseUrl), "/user/otp/verify", otp);

            Assert.Equal(prefix + segment, request.Uri.AbsoluteUri);
            Assert.Equal(prefix + "******", request.DisplayUri.AbsoluteUri);
            Assert.Equal(otp, request.Otp);
            Assert.True(request.IsPost);
        }
    }

    [Fact]
    public void Request_without_an_OTP_shows_the_URL_that_it_sends()
    {
        ApiRequest<bool> request = Create(
            HttpMethod.Get, new Uri("https://api.equinix.com/metal/v1/"), "/user/otp/recovery-codes", otp: null);

        Assert.Equal("https://api.equinix.com/metal/v1/user/otp/recovery-codes", request.Uri.AbsoluteUri);
        Assert.Equal(request.Uri, request.DisplayUri);
        Assert.Null(request.Otp);
        Assert.False(request.IsPost);
    }

    [Theory]
    [InlineData("https", ".")]
    [InlineData("https", "..")]
    [InlineData(QuirkScheme, "..")]
    [InlineData(QuirkScheme, "../recovery-codes")]
    [InlineData(QuirkScheme, "../../otp/recovery-codes")]
    [InlineData(QuirkScheme, "x/../../recovery-codes")]
    [InlineData(QuirkScheme, "..\\recovery-codes")]
    [InlineData(QuirkScheme, "12/34")]
    [InlineData(QuirkScheme, "canary\\34")]
    public void OTP_that_the_URL_does_not_keep_as_one_segment_is_rejected(string scheme, string otp)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(
            () => Create(HttpMethod.Post, new Uri($"{scheme}://localhost/"), "/user/otp/verify", otp));

        Assert.Equal(MetalOtpErrorKind.InvalidOtp, e.Kind);
        Assert.DoesNotContain(Canary.Mark, e.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("012345")]
    [InlineData("...")]
    [InlineData("a?b#c")]
    [InlineData("100%")]
    public void OTP_without_path_separators_is_sent_with_the_quirks_too(string otp) =>
        Assert.EndsWith(
            "/verify/" + Uri.EscapeDataString(otp),
            Create(HttpMethod.Post, new Uri($"{QuirkScheme}://localhost/"), "/user/otp/verify", otp).Uri.AbsoluteUri,
            StringComparison.Ordinal);

    // The other tests with this scheme rely on it.
    [Fact]
    public void Quirk_scheme_folds_an_escaped_path() =>
        Assert.Equal("/user/otp/recovery-codes", new Uri($"{QuirkScheme}://localhost/user/otp/verify/..%2Frecovery-codes").AbsolutePath);

    // The check compares two URLs. They must be equal for every base URL.
    [Fact]
    public void Valid_OTP_is_accepted_at_any_base_URL()
    {
        Gen<string> host = Gen.OneOf(
            "api.equinix.com", "API.Equinix.COM:443", "bücher.example", "xn--bcher-kva.example:8443", "ⓛocalhost", "straße.example",
            "[2001:DB8::0:1]", "[fe80::1%25eth0]:8443", "127.1", "0x7f.1", "a_b", "a..b");
        Gen<string> path = Gen.OneOf(
            Gen.String,
            Gen.String[Gen.Char["/\\.%2Fe7E41é|^`{}<>\" '~;:,\uD83D\uDD11\u0301\u200E"], 0, 20],
            Gen.OneOf("%2F", "%2e%2e", "%41", "%7E", "%", "%zz", "%E9", "%C3%A9", "%%72", "/a/../b", "//", "\\", "é"));
        int accepted = 0;
        Gen.Select(host, path).Sample(
            (host, path) =>
            {
                if (path.IndexOfAny(['@', '?', '#']) < 0 && Uri.TryCreate($"https://{host}/{path}", UriKind.Absolute, out Uri? url))
                {
                    Create(HttpMethod.Post, url, "/user/otp/verify", "012345");
                    accepted++;
                }
            },
            iter: 5_000,
            threads: 1);
        Assert.True(accepted > 2_500, $"{accepted} accepted");
    }

    private static ApiRequest<bool> Create(HttpMethod method, Uri baseUrl, string path, string? otp) =>
        new(method, baseUrl, path, otp, _ => true);
}
