using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>
/// Converts text and whole numbers to a SecureString. PowerShell prints the parameter's value in transcripts and logs, and a
/// SecureString prints as its type name. Any other object is refused: PowerShell would convert it to text and send that.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OtpTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ParameterInput.Unwrap(inputData) switch
        {
            null => new SecureString(),
            SecureString otp => otp,
            // The wrapper of a literal number remembers its text, with leading zeros.
            string or char or byte or sbyte or short or ushort or int or uint or long or ulong => LanguagePrimitives.ConvertTo<string>(inputData).ToSecureString(),
            decimal number when number == decimal.Truncate(number) => LanguagePrimitives.ConvertTo<string>(inputData).ToSecureString(),
            // PowerShell looks at the properties of a piped object if the inner exception is a PSInvalidCastException.
            Array => throw new ArgumentTransformationMetadataException("An OTP is one value. Pipe several OTPs.", new PSInvalidCastException()),
            _ => throw new ArgumentTransformationMetadataException("An OTP is text, a whole number or a SecureString.", new PSInvalidCastException()),
        };
}
