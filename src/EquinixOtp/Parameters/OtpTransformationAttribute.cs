using System.Globalization;
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
            SecureString otp => ParameterInput.Copy(otp),
            string or char => LanguagePrimitives.ConvertTo<string>(inputData).ToSecureString(),
            byte or sbyte or short or ushort or int or uint or long or ulong or decimal when IsWholeNumber(inputData!) =>
                ToText(inputData!).ToSecureString(),
            Array => throw Refuse("An OTP is one value. Pipe several OTPs."),
            _ => throw Refuse("An OTP is text, a whole number or a SecureString."),
        };

    // PowerShell binds the properties of a piped object if the inner exception is a PSInvalidCastException.
    private static ArgumentTransformationMetadataException Refuse(string message) => new(message, new PSInvalidCastException());

    private static bool IsWholeNumber(object number) =>
        LanguagePrimitives.ConvertTo<decimal>(number) is >= 0 and var value && value == decimal.Truncate(value);

    // The wrapper of a literal number keeps its text, with leading zeros, and with a type suffix, which is not part of the OTP.
    private static string ToText(object number) =>
        LanguagePrimitives.ConvertTo<string>(number) is var text && text.All(c => c is >= '0' and <= '9')
            ? text
            : LanguagePrimitives.ConvertTo<decimal>(number).ToString("0", CultureInfo.InvariantCulture);
}
