using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>Restores a confirmation that was serialized, for example by a job.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConfirmationTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string s_serializedType = "Deserialized." + typeof(OtpConfirmation).FullName;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is not PSObject serialized || !serialized.TypeNames.Contains(s_serializedType))
        {
            return inputData;
        }

        return new OtpConfirmation(
            UrlTransformationAttribute.ToUrl(serialized.Properties[nameof(OtpConfirmation.ApiUrl)]?.Value),
            ParameterInput.Unwrap(serialized.Properties[nameof(OtpConfirmation.SessionToken)]?.Value) as SecureString)
        {
            RequestId = serialized.Properties[nameof(OtpConfirmation.RequestId)]?.Value?.ToString(),
        };
    }
}
