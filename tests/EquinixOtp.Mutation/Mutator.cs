using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EquinixOtp.Mutation;

/// <summary>
/// The mutations of a piece of code: operators, patterns, conditions, numbers, Booleans, statements, initializers and calls that have
/// a counterpart. Not strings, because tests assert ids and not wording, and not the argument of <c>ConfigureAwait</c>.
/// </summary>
internal static class Mutator
{
    private static readonly ILookup<string, string> s_tokens = (
        "<:<= <:> <=:< <=:> >:>= >:< >=:> >=:< ==:!= !=:== &&:|| ||:&& and:or or:and true:false false:true +:- -:+ *:/ /:* %:* &:| |:& "
        + "<<:>> >>:<< +=:-= -=:+= ++:-- --:++ Any:All First:Last FirstOrDefault:LastOrDefault Min:Max Max:Min Skip:Take "
        + "StartsWith:EndsWith IndexOf:LastIndexOf TrimStart:TrimEnd TrimEnd:TrimStart Ordinal:OrdinalIgnoreCase OrdinalIgnoreCase:Ordinal "
        + "Ceiling:Floor")
        .Split(' ').Select(pair => pair.Split(':')).ToLookup(pair => pair[0], pair => pair[1]);

    /// <summary>The nodes and tokens to replace, each with its replacement.</summary>
    public static IEnumerable<(SyntaxNodeOrToken Target, string Replacement)> Mutate(SyntaxNode code) =>
        code.DescendantNodesAndSelf(node => node is not AttributeListSyntax && !IsConfigureAwait(node)).SelectMany(MutateNode);

    private static IEnumerable<(SyntaxNodeOrToken Target, string Replacement)> MutateNode(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } n => [(n, $"{n.Left}!"), (n, $"({n.Right})")],
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression } n => [(n, $"!({n})")],
        BinaryExpressionSyntax n => MutateToken(n.OperatorToken),
        BinaryPatternSyntax n => MutateToken(n.OperatorToken),
        RelationalPatternSyntax n => MutateToken(n.OperatorToken).Take(1),
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } n => RemoveMember(n),
        AssignmentExpressionSyntax n => MutateToken(n.OperatorToken),
        PrefixUnaryExpressionSyntax n when n.IsKind(SyntaxKind.LogicalNotExpression) =>
            [(n, $"({n.Operand})"), .. MutateToken(n.OperatorToken)],
        PrefixUnaryExpressionSyntax n when n.IsKind(SyntaxKind.UnaryMinusExpression) => [(n, n.Operand.ToString())],
        PrefixUnaryExpressionSyntax n => MutateToken(n.OperatorToken),
        PostfixUnaryExpressionSyntax n => MutateToken(n.OperatorToken),
        UnaryPatternSyntax n => [(n, n.Pattern.ToString())],
        IsPatternExpressionSyntax { Pattern: not UnaryPatternSyntax } n => [(n, $"!({n})")],
        LiteralExpressionSyntax n when n.Token.Value is int number => [(n, $"{number + 1}")],
        LiteralExpressionSyntax n when n.Token.Value is double number => [(n, FormattableString.Invariant($"{number + 1}D"))],
        LiteralExpressionSyntax n => MutateToken(n.Token),
        IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax } n => MutateToken(n.Identifier),
        IfStatementSyntax n => Negate(n.Condition),
        WhileStatementSyntax n => Negate(n.Condition),
        ConditionalExpressionSyntax n => Negate(n.Condition),
        CatchFilterClauseSyntax n => Negate(n.FilterExpression),
        ExpressionStatementSyntax or ThrowStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax => [(node, ";")],
        ReturnStatementSyntax { Expression: null } => [(node, ";")],
        _ => [],
    };

    private static IEnumerable<(SyntaxNodeOrToken Target, string Replacement)> MutateToken(SyntaxToken token) =>
        s_tokens[token.Text].Select(text => ((SyntaxNodeOrToken)token, text));

    // Operators and patterns in the condition have mutations of their own.
    private static IEnumerable<(SyntaxNodeOrToken Target, string Replacement)> Negate(ExpressionSyntax condition) =>
        condition is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or IsPatternExpressionSyntax or LiteralExpressionSyntax
            ? []
            : [(condition, $"!({condition})")];

    private static IEnumerable<(SyntaxNodeOrToken Target, string Replacement)> RemoveMember(AssignmentExpressionSyntax member)
    {
        var initializer = (InitializerExpressionSyntax)member.Parent!;
        bool isBoolean = member.Right.Kind() is SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression;
        return isBoolean ? [] : [(initializer, $"{{ {string.Join(", ", initializer.Expressions.Where(other => other != member))} }}")];
    }

    private static bool IsConfigureAwait(SyntaxNode node) =>
        node is ArgumentListSyntax { Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } }
        && access.Name.Identifier.Text == "ConfigureAwait";
}
