using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace EquinixOtp;

/// <summary>The session's <c>$PSDefaultParameterValues</c>.</summary>
internal static class DefaultParameterValues
{
    /// <summary>
    /// Returns the name of a parameter that has a default value and is not bound, or null. PowerShell only warns when it cannot bind
    /// a default, for example a token in plain text, and the cmdlet would act as the environment's user. Common parameters, for
    /// example -Verbose, select neither user nor API and are ignored: a script block may return no value for them.
    /// </summary>
    public static string? FindUnbound(PSCmdlet cmdlet) =>
        Find(cmdlet).FirstOrDefault(parameter =>
            !Cmdlet.CommonParameters.Contains(parameter) && !cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter));

    /// <summary>Returns the names of the cmdlet's parameters, in its current parameter set, that have a default value.</summary>
    public static IEnumerable<string> Find(PSCmdlet cmdlet) =>
        cmdlet.SessionState.PSVariable.GetValue("PSDefaultParameterValues") is IDictionary { Count: not 0 } defaults
        && !LanguagePrimitives.IsTrue(defaults["Disabled"])
            ? Find(cmdlet, defaults)
            : [];

    private static IEnumerable<string> Find(PSCmdlet cmdlet, IDictionary defaults)
    {
        // PowerShell also finds the key by any alias, and by the name without the prefix of Import-Module -Prefix.
        CmdletAttribute attribute = cmdlet.GetType().GetCustomAttribute<CmdletAttribute>()!;
        string cmdletName = $"{attribute.VerbName}-{attribute.NounName}";
        InvocationInfo invocation = cmdlet.MyInvocation;
        string[] commands = [invocation.MyCommand.Name, invocation.InvocationName, cmdletName, .. FindAliases(cmdlet, cmdletName)];
        foreach (string key in defaults.Keys.OfType<string>())
        {
            string[] parts = key.Split(':');
            if (parts.Length != 2 || !commands.Any(name => Matches(parts[0], name)))
            {
                continue;
            }

            foreach (ParameterMetadata parameter in ((CmdletInfo)cmdlet.MyInvocation.MyCommand).Parameters.Values)
            {
                Dictionary<string, ParameterSetMetadata> sets = parameter.ParameterSets;
                if ((sets.ContainsKey(ParameterAttribute.AllParameterSets) || sets.ContainsKey(cmdlet.ParameterSetName))
                    && parameter.Aliases.Append(parameter.Name).Any(name => Matches(parts[1], name)))
                {
                    yield return parameter.Name;
                }
            }
        }
    }

    private static IEnumerable<string> FindAliases(PSCmdlet cmdlet, string cmdletName) =>
        cmdlet.InvokeCommand.GetCommands("*", CommandTypes.Alias, nameIsPattern: true)
            .Where(alias => alias.Definition.Equals(cmdletName, StringComparison.OrdinalIgnoreCase))
            .Select(alias => alias.Name);

    // Both parts of a key may be quoted, and PowerShell ignores blanks around and inside the quotes.
    private static bool Matches(string pattern, string name) => new WildcardPattern(
        pattern.Trim().Trim('\'', '"').Trim(), WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(name);
}
