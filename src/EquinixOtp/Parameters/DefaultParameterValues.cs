using System.Collections;
using System.Management.Automation;

namespace EquinixOtp;

/// <summary>The session's <c>$PSDefaultParameterValues</c>.</summary>
internal static class DefaultParameterValues
{
    /// <summary>
    /// Returns the name of a parameter that has a default value and is not bound, or null. PowerShell only warns when it cannot bind
    /// a default, for example a token in plain text, and the cmdlet would act as the environment's user.
    /// </summary>
    public static string? FindUnbound(PSCmdlet cmdlet)
    {
        if (cmdlet.SessionState.PSVariable.GetValue("PSDefaultParameterValues") is not IDictionary { Count: > 0 } defaults
            || defaults["Disabled"] is true)
        {
            return null;
        }

        InvocationInfo invocation = cmdlet.MyInvocation;
        foreach (string key in defaults.Keys.OfType<string>())
        {
            string[] parts = key.Split([':'], 2);
            if (parts.Length != 2 || !Matches(parts[0], invocation.MyCommand.Name))
            {
                continue;
            }

            foreach (ParameterMetadata parameter in ((CmdletInfo)invocation.MyCommand).Parameters.Values)
            {
                if (parameter.ParameterSets.Keys.Any(set => set == ParameterAttribute.AllParameterSets || set == cmdlet.ParameterSetName)
                    && !invocation.BoundParameters.ContainsKey(parameter.Name)
                    && parameter.Aliases.Append(parameter.Name).Any(name => Matches(parts[1], name)))
                {
                    return parameter.Name;
                }
            }
        }

        return null;
    }

    private static bool Matches(string pattern, string name) => new WildcardPattern(pattern.Trim(), WildcardOptions.IgnoreCase).IsMatch(name);
}
