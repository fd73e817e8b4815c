using System.Management.Automation;
using System.Management.Automation.Internal;

namespace EquinixOtp;

/// <summary>An argument as PowerShell hands it over.</summary>
internal static class ArgumentInput
{
    /// <summary>The argument without PowerShell's wrapper; null for the output of a command that gave none.</summary>
    public static object? Unwrap(object? input) =>
        input == AutomationNull.Value ? null
        : input is PSObject wrapper ? wrapper.BaseObject
        : input;
}
