using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>
/// Accepts a SecureString only, and copies it. Null becomes an empty SecureString, which the client rejects: PowerShell ignores a
/// pipeline property that is null, and the cmdlet would use the environment's token.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ParameterInput.Unwrap(inputData) switch
        {
            null => new SecureString(),
            SecureString secret => ParameterInput.Copy(secret),
            _ => throw new ArgumentTransformationMetadataException(
                "The value must be a SecureString. Read it with Read-Host -AsSecureString or Get-Secret, or convert text with"
                + " [System.Net.NetworkCredential]::new('', $text).SecurePassword."),
        };
}
