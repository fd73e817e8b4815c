using System.Reflection;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace EquinixOtp.Tests;

/// <summary>Searches objects and everything they reference, private fields included, for the secrets of <see cref="Canary"/>.</summary>
/// <param name="codes">OTPs to search for as well.</param>
internal sealed class SecretHunt(params IEnumerable<string> codes)
{
    // PowerShell's engine: it references the session's variables, which contain the caller's secrets.
    private static readonly string[] s_engine =
    [
        "System.Management.Automation.ExecutionContext", "System.Management.Automation.SessionState",
        "System.Management.Automation.SessionStateInternal", "System.Management.Automation.Runspaces.Runspace",
        "System.Management.Automation.PSModuleInfo",
    ];

    // Not within a longer number, such as a time.
    private readonly Regex[] _codes = [.. codes.Select(code => new Regex($"(?<![0-9]){code}(?![0-9])"))];

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object Value, string Path)> _waiting = new();

    /// <summary>The number of objects searched.</summary>
    public int Count => _seen.Count;

    public bool IsIn(string text) =>
        text.Contains(Canary.Mark, StringComparison.OrdinalIgnoreCase)
        || text.Contains(Canary.ProxyBasic, StringComparison.OrdinalIgnoreCase)
        || _codes.Any(code => code.IsMatch(text));

    /// <summary>Returns the path to each secret that <paramref name="roots"/> reference.</summary>
    public IReadOnlyList<string> Find(params object?[] roots)
    {
        var found = new List<string>();
        foreach (object? root in roots)
        {
            Add(root, root?.GetType().Name ?? string.Empty);
        }

        while (_waiting.TryDequeue(out (object Value, string Path) item))
        {
            string? text = item.Value switch
            {
                string value => value,
                char[] value => new string(value),
                StringBuilder value => value.ToString(),
                // One of the two decodings finds an ASCII secret in UTF-8 or UTF-16.
                byte[] value => Encoding.Latin1.GetString(value) + Encoding.Unicode.GetString(value),
                _ => null,
            };
            if (text is null)
            {
                AddParts(item.Value, item.Path);
            }
            else if (IsIn(text))
            {
                found.Add(item.Path);
            }
        }

        return found;
    }

    private void AddParts(object value, string path)
    {
        if (value is Array array)
        {
            int i = 0;
            foreach (object? part in array)
            {
                Add(part, $"{path}[{i++}]");
            }
        }

        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        for (Type? type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(All))
            {
                if (!field.FieldType.IsPointer && !field.FieldType.IsByRefLike)
                {
                    Add(field.GetValue(value), $"{path}.{field.Name}");
                }
            }
        }
    }

    private void Add(object? value, string path)
    {
        if (value is null or Type or MemberInfo or Assembly or Module or Pointer or SecureString or Thread
            || value.GetType() is { IsPrimitive: true } or { IsEnum: true }
            || (value is Array && value.GetType().GetElementType()!.IsPointer))
        {
            return;
        }

        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            if (s_engine.Contains(type.FullName))
            {
                return;
            }
        }

        if (value.GetType().IsValueType || _seen.Add(value))
        {
            _waiting.Enqueue((value, path));
        }
    }
}
