using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>
/// Takes text, numbers and SecureStrings for an OTP. PowerShell would make text of any object, a whole row of a table
/// too, and the API would get it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OtpInputAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ArgumentInput.Unwrap(inputData) switch
        {
            // As it came: a number's wrapper still knows the zeros that it was typed with.
            null or string or char or int or long => inputData,
            SecureString secure => SecureText.ToPlain(secure),
            // The inner exception is what tells PowerShell to go on and look at the object's properties.
            _ => throw new ArgumentTransformationMetadataException("An OTP is text.", new PSInvalidCastException()),
        };
}
