using System.Management.Automation;
using System.Security;

namespace EquinixOtp;

/// <summary>
/// Refuses a secret that is no SecureString, and makes an empty one, which the client refuses, of null. PowerShell would leave out
/// a row's that it can't convert or that is null, and the call would be made with the environment's.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretInputAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ArgumentInput.Unwrap(inputData) switch
        {
            null => new SecureString(),
            SecureString => inputData,
            _ => throw new ArgumentTransformationMetadataException("It must be a SecureString, as Read-Host -AsSecureString and Get-Secret give it."),
        };
}
