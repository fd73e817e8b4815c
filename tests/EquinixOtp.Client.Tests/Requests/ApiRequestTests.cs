using EquinixOtp.Client.Requests;

namespace EquinixOtp.Client.Tests;

public class ApiRequestTests
{
    // A URL scheme whose paths System.Uri treats as .NET Framework's old quirks treat http: it unescapes and then folds them.
    private const string QuirkScheme = "metal-otp-quirk";

    static ApiRequestTests() => UriParser.Register(new GenericUriParser(GenericUriParserOptions.Default), QuirkScheme, 80);

    [Theory]
    [InlineData("https://api.equinix.com/metal/v1", "https://api.equinix.com/metal/v1/user/otp/verify/")]
    [InlineData("https://api.equinix.com/metal/v1///", "https://api.equinix.com/metal/v1/user/otp/verify/")]
    [InlineData("HTTPS://API.EQUINIX.COM", "https://api.equinix.com/user/otp/verify/")]
    [InlineData("https://api.equinix.com:443/", "https://api.equinix.com/user/otp/verify/")]
    [InlineData("http://[::ffff:127.0.0.1]:8180/a%20b/é", "http://[::ffff:127.0.0.1]:8180/a%20b/%C3%A9/user/otp/verify/")]
    [InlineData("https://bücher.example/a%2Fb%2e%2e", "https://bücher.example/a%2Fb../user/otp/verify/")]
    public void OTP_is_the_last_path_segment_of_the_URL_to_send_and_masked_in_the_URL_to_show(string baseUrl, string prefix)
    {
        foreach ((string otp, string segment) in new[] { ("012345", "012345"), ("../a b", "..%2Fa%20b"), ("%2F?#é", "%252F%3F%23%C3%A9"), ("...", "...") })
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
        ApiRequest<bool> request = Create(HttpMethod.Get, new Uri("https://api.equinix.com/metal/v1/"), "/user/otp/recovery-codes", otp: null);

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
    public void OTP_that_the_URL_would_not_carry_as_one_segment_is_refused(string scheme, string otp)
    {
        MetalOtpException e = Assert.Throws<MetalOtpException>(() => Create(HttpMethod.Post, new Uri($"{scheme}://localhost/"), "/user/otp/verify", otp));

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

    // The quirks of this scheme are those that the guard is for.
    [Fact]
    public void Quirk_scheme_folds_an_escaped_path() =>
        Assert.Equal("/user/otp/recovery-codes", new Uri($"{QuirkScheme}://localhost/user/otp/verify/..%2Frecovery-codes").AbsolutePath);

    private static ApiRequest<bool> Create(HttpMethod method, Uri baseUrl, string path, string? otp) => new(method, baseUrl, path, otp, _ => true);
}
