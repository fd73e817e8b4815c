using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>Restores a confirmation that was serialized, for example by a job, or copied by <c>Select-Object</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConfirmationTransformationAttribute : ArgumentTransformationAttribute
{
    // Deserialized.EquinixOtp.OtpConfirmation, Selected.EquinixOtp.OtpConfirmation, and both prefixes together.
    private static readonly string s_copySuffix = "." + typeof(OtpConfirmation).FullName;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is not PSObject copy || !copy.TypeNames.Any(name => name.EndsWith(s_copySuffix, StringComparison.Ordinal)))
        {
            return inputData;
        }

        return new OtpConfirmation(
            UrlTransformationAttribute.ToUrl(copy.Properties[nameof(OtpConfirmation.ApiUrl)]?.Value),
            ParameterInput.Unwrap(copy.Properties[nameof(OtpConfirmation.SessionToken)]?.Value) as SecureString);
    }
}
