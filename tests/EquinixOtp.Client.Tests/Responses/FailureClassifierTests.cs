using System.Globalization;
using EquinixOtp.Client.Http;
using EquinixOtp.Client.Responses;

namespace EquinixOtp.Client.Tests;

public class FailureClassifierTests
{
    private static readonly string[] s_aboutOtp = ["Said so", "Invalid OTP"];

    // Not the API's body, no message, a message, a message about the OTP.
    private static readonly string[]?[] s_errors = [null, [], ["Said so"], s_aboutOtp];

    [Theory]
    [InlineData(100, 299, MetalOtpErrorKind.InvalidResponse, nameof(RetryRule.Never), true)]
    [InlineData(300, 399, MetalOtpErrorKind.UnexpectedRedirect, nameof(RetryRule.Never), true)]
    [InlineData(407, 407, MetalOtpErrorKind.InvalidResponse, nameof(RetryRule.Never), false)]
    [InlineData(408, 408, MetalOtpErrorKind.RequestRejected, nameof(RetryRule.GetOnly), true)]
    [InlineData(429, 429, MetalOtpErrorKind.RateLimited, nameof(RetryRule.Always), false)]
    [InlineData(500, 599, MetalOtpErrorKind.ServerError, nameof(RetryRule.GetOnly), true)]
    [InlineData(600, 999, MetalOtpErrorKind.InvalidResponse, nameof(RetryRule.Never), true)]
    public void Status_decides_regardless_of_the_body(int first, int last, MetalOtpErrorKind kind, string retry, bool mayHaveEffect)
    {
        for (int status = first; status <= last; status++)
        {
            foreach (string[]? errors in s_errors)
            {
                AssertIs((kind, retry, mayHaveEffect), FailureClassifier.Classify(status, isVerify: false, errors));
                AssertIs((kind, retry, mayHaveEffect), FailureClassifier.Classify(status, isVerify: true, errors));
            }
        }
    }

    public static TheoryData<int> OtherRejections => [.. Enumerable.Range(400, 100).Except([407, 408, 429])];

    [Theory]
    [MemberData(nameof(OtherRejections))]
    public void Rejection_is_believed_only_if_its_body_is_the_APIs(int status)
    {
        MetalOtpErrorKind kind = status switch
        {
            401 => MetalOtpErrorKind.Unauthorized,
            403 => MetalOtpErrorKind.Forbidden,
            404 => MetalOtpErrorKind.NotFound,
            _ => MetalOtpErrorKind.RequestRejected,
        };
        foreach (string[]? errors in s_errors)
        {
            foreach (bool isVerify in new[] { false, true })
            {
                bool isOtpRejected = isVerify && (status is 400 or 422 or 424 || (status is 401 or 403 && errors == s_aboutOtp));
                Failure failure = FailureClassifier.Classify(status, isVerify, errors);

                AssertIs(
                    errors is null
                        ? (MetalOtpErrorKind.InvalidResponse, nameof(RetryRule.Never), true)
                        : (isOtpRejected ? MetalOtpErrorKind.OtpRejected : kind, nameof(RetryRule.Never), false),
                    failure);
            }
        }
    }

    [Theory]
    [InlineData("Invalid OTP", true)]
    [InlineData("The otp has expired", true)]
    [InlineData("otp: is invalid", true)]
    [InlineData("Wrong one-time password", true)]
    [InlineData("WRONG ONE-TIME PASSWORD", true)]
    [InlineData("No adoption of laptops", false)]
    [InlineData("otp_required", false)]
    [InlineData("Invalid authentication token", false)]
    public void Rejection_with_401_is_about_the_OTP_if_its_message_names_it(string message, bool isOtpRejected)
    {
        // Turkish has another capital of i.
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");

        Assert.Equal(
            isOtpRejected ? MetalOtpErrorKind.OtpRejected : MetalOtpErrorKind.Unauthorized,
            FailureClassifier.Classify(401, isVerify: true, [message]).Kind);
    }

    [Theory]
    [InlineData(nameof(TransportStage.NotConnected), nameof(RetryRule.Always), false)]
    [InlineData(nameof(TransportStage.Refused), nameof(RetryRule.Never), false)]
    [InlineData(nameof(TransportStage.Connected), nameof(RetryRule.GetOnly), false)]
    [InlineData(nameof(TransportStage.Sent), nameof(RetryRule.GetOnly), true)]
    public void Request_without_a_response_is_classified_by_how_far_it_got(string stage, string retry, bool mayHaveEffect)
    {
        Failure failure = FailureClassifier.Classify(Enum.Parse<TransportStage>(stage), "summary");

        AssertIs((MetalOtpErrorKind.ConnectionFailed, retry, mayHaveEffect), failure);
        Assert.Equal("summary", failure.Summary);
    }

    private static void AssertIs((MetalOtpErrorKind Kind, string Retry, bool MayHaveEffect) expected, Failure failure) =>
        Assert.Equal(expected, (failure.Kind, failure.Retry.ToString(), failure.MayHaveEffect));
}
