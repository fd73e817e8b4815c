using System.Reflection;
using System.Security;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>Looks for texts in all that an object holds, private fields too.</summary>
internal sealed class SecretHunt(IReadOnlyCollection<string> secrets)
{
    // The engine itself: from there one gets to the session's variables, where the caller's own secrets rightly are.
    private static readonly string[] s_engine =
    [
        "System.Management.Automation.ExecutionContext", "System.Management.Automation.SessionState", "System.Management.Automation.SessionStateInternal",
        "System.Management.Automation.Runspaces.Runspace", "System.Management.Automation.PSModuleInfo",
    ];

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object Value, string Path)> _waiting = new();

    /// <summary>How many objects were looked at: a hunt that sees nothing finds nothing.</summary>
    public int Count => _seen.Count;

    /// <summary>The path to each secret found from <paramref name="root"/>.</summary>
    public IReadOnlyList<string> Find(object root)
    {
        var found = new List<string>();
        Add(root, root.GetType().Name);
        while (_waiting.TryDequeue(out (object Value, string Path) item))
        {
            string? text = item.Value switch
            {
                string value => value,
                char[] value => new string(value),
                StringBuilder value => value.ToString(),
                // Whatever the encoding, one of these shows an ASCII secret.
                byte[] value => Encoding.Latin1.GetString(value) + Encoding.Unicode.GetString(value),
                _ => null,
            };
            if (text is null)
            {
                AddParts(item.Value, item.Path);
            }
            else if (secrets.Any(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase)))
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

        for (Type? type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
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
        if (value is null or Type or MemberInfo or Assembly or Module or Pointer or SecureString or Thread || value.GetType() is { IsPrimitive: true } or { IsEnum: true })
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
