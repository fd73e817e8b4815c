using System.Reflection;
using System.Text;

namespace EquinixOtp.Client.Tests;

internal static class ObjectGraph
{
    /// <summary>Every text that can be reached from the roots by any field, private ones too; arrays of bytes and characters as text.</summary>
    public static IReadOnlyCollection<string> Texts(params object?[] roots)
    {
        var texts = new List<string>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var queue = new Queue<object?>(roots);
        while (queue.TryDequeue(out object? value))
        {
            switch (value)
            {
                case null or Pointer or MemberInfo or Assembly or Module:
                    continue;
                case string text:
                    texts.Add(text);
                    continue;
                case char[] characters:
                    texts.Add(new string(characters));
                    continue;
                case byte[] bytes:
                    texts.Add(Encoding.Latin1.GetString(bytes));
                    continue;
            }

            Type type = value.GetType();
            if (type.IsPrimitive || type.IsEnum || (!type.IsValueType && !seen.Add(value)))
            {
                continue;
            }

            if (value is Array array)
            {
                if (!array.GetType().GetElementType()!.IsPointer)
                {
                    foreach (object? element in array)
                    {
                        queue.Enqueue(element);
                    }
                }

                continue;
            }

            for (Type? declaring = type; declaring is not null; declaring = declaring.BaseType)
            {
                foreach (FieldInfo field in declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    if (!field.FieldType.IsPointer && !field.FieldType.IsByRefLike)
                    {
                        queue.Enqueue(field.GetValue(value));
                    }
                }
            }
        }

        return texts;
    }
}
