using System.Management.Automation;
using System.Management.Automation.Internal;

namespace EquinixOtp;

/// <summary>An argument as PowerShell passes it to a transformation.</summary>
internal static class ParameterInput
{
    /// <summary>Returns the argument without PowerShell's wrapper; null for the output of a command that has none.</summary>
    public static object? Unwrap(object? input) =>
        input == AutomationNull.Value ? null
        : input is PSObject wrapper ? wrapper.BaseObject
        : input;
}
