using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace EquinixOtp.Mutation;

/// <summary>Code that a switch over its mutants can replace.</summary>
/// <param name="Code">The code to mutate.</param>
/// <param name="Replaced">The code that the switch replaces, with for example the arrow before it.</param>
/// <param name="Format">The switch; {0} is its value, {1} are its cases.</param>
/// <param name="Case">A case's content; {0} is the code.</param>
/// <param name="IsExpression">Whether it is a <c>switch</c> expression.</param>
/// <param name="Constant">The name of the constant that becomes a property, or null.</param>
internal sealed record Body(SyntaxNode Code, TextSpan Replaced, string Format, string Case, bool IsExpression, string? Constant = null)
{
    /// <summary>The bodies of a member, without those of nested members.</summary>
    public static IEnumerable<Body> Find(MemberDeclarationSyntax member) => member switch
    {
        BaseMethodDeclarationSyntax { Body: { } block } => [OfBlock(block, ReturnsValue((BaseMethodDeclarationSyntax)member))],
        BaseMethodDeclarationSyntax { ExpressionBody: { } arrow } method => [OfArrow(arrow, ReturnsValue(method), method.SemicolonToken)],
        PropertyDeclarationSyntax { ExpressionBody: { } arrow } property =>
            [OfArrow(arrow, true, property.SemicolonToken, "{{{{ get {0} }}}}")],
        PropertyDeclarationSyntax property =>
        [
            .. (property.AccessorList?.Accessors ?? []).SelectMany(OfAccessor),
            .. property.Initializer is { } initializer && !IsStatic(property) ? [OfValue(initializer.Value)] : Array.Empty<Body>(),
        ],
        FieldDeclarationSyntax field when field.Declaration.Variables is [{ Initializer: { } initializer } variable] =>
            !IsStatic(field) ? [OfValue(initializer.Value)]
            : field.Declaration.Type.ToString() is "int" or "long" or "double" or "TimeSpan"
                ? [OfConstant(field, variable.Identifier.Text, initializer.Value)]
            : [],
        _ => [],
    };

    private static IEnumerable<Body> OfAccessor(AccessorDeclarationSyntax accessor) => accessor switch
    {
        { Body: { } block } => [OfBlock(block, accessor.IsKind(SyntaxKind.GetAccessorDeclaration))],
        { ExpressionBody: { } arrow } => [OfArrow(arrow, accessor.IsKind(SyntaxKind.GetAccessorDeclaration), accessor.SemicolonToken)],
        _ => [],
    };

    // A mutant of a method with a result may reach the end of its case.
    private static Body OfBlock(BlockSyntax block, bool returnsValue) => new(
        block,
        block.Span,
        "{{ switch ({0}) {{ {1} }} }}",
        returnsValue && !IsIterator(block) ? "{0} throw null!;" : "{0}",
        IsExpression: false);

    private static Body OfArrow(ArrowExpressionClauseSyntax arrow, bool returnsValue, SyntaxToken semicolon, string format = "{0}") => new(
        arrow.Expression,
        TextSpan.FromBounds(arrow.SpanStart, semicolon.Span.End),
        string.Format(null, format, "{{ switch ({0}) {{ {1} }} }}"),
        arrow.Expression is ThrowExpressionSyntax || !returnsValue ? "{{ {0}; }}" : "{{ return {0}; }}",
        IsExpression: false);

    private static Body OfValue(ExpressionSyntax value) => new(value, value.Span, "({0} switch {{ {1} }})", "{0}", IsExpression: true);

    private static Body OfConstant(FieldDeclarationSyntax field, string name, ExpressionSyntax value)
    {
        string modifiers = string.Join(' ', field.Modifiers.Select(modifier => modifier.Text).Except(["const", "readonly", "static"]));
        return new(
            value,
            field.Span,
            $"{modifiers} static {field.Declaration.Type} {name} => {{0}} switch {{{{ {{1}} }}}};",
            "{0}",
            IsExpression: true,
            name);
    }

    private static bool IsIterator(BlockSyntax block) => block.DescendantNodes().Any(node => node is YieldStatementSyntax);

    private static bool IsStatic(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(SyntaxKind.StaticKeyword) || member.Modifiers.Any(SyntaxKind.ConstKeyword);

    private static bool ReturnsValue(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax { ReturnType: { } type } =>
            type.ToString() != "void" && !(method.Modifiers.Any(SyntaxKind.AsyncKeyword) && type.ToString() is "Task" or "ValueTask"),
        OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax => true,
        _ => false,
    };
}
