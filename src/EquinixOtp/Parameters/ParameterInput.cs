using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Security;

namespace EquinixOtp;

/// <summary>An argument as PowerShell passes it to a transformation.</summary>
internal static class ParameterInput
{
    /// <summary>Returns the argument without PowerShell's wrapper; null for the output of a command that has none.</summary>
    public static object? Unwrap(object? input) =>
        input == AutomationNull.Value ? null
        : input is PSObject wrapper ? wrapper.BaseObject
        : input;

    /// <summary>Returns a copy that the caller cannot change or dispose; an empty SecureString if the secret is disposed.</summary>
    public static SecureString Copy(SecureString secret)
    {
        try
        {
            return secret.Copy();
        }
        catch (ObjectDisposedException)
        {
            return new SecureString();
        }
    }
}
