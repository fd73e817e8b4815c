using Microsoft.CodeAnalysis.Text;

namespace EquinixOtp.Mutation;

/// <summary>A change to one place of the source.</summary>
/// <param name="Id">Its number in the build, from 1.</param>
/// <param name="File">The source file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Span">The text that is replaced.</param>
/// <param name="Original">That text.</param>
/// <param name="Replacement">The new text.</param>
internal sealed record Mutant(int Id, string File, int Line, TextSpan Span, string Original, string Replacement)
{
    /// <summary>The code with this change.</summary>
    /// <param name="code">A part of the file.</param>
    /// <param name="start">Where that part begins.</param>
    public string Apply(string code, int start) => code.Remove(Span.Start - start, Span.Length).Insert(Span.Start - start, Replacement);

    public override string ToString() => $"{File}:{Line}: {OneLine(Original)} -> {OneLine(Replacement)}";

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
