using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace EquinixOtp.Mutation;

/// <summary>
/// A build of a project that contains all its mutants. Each body with mutants becomes a <c>switch</c>: a case per mutant with a
/// changed copy of the body, and the body itself.
/// </summary>
internal sealed class MutatedBuild
{
    private const string Switch = """
        internal static class MutantSwitch
        {
            private static readonly int[] s_state = System.AppDomain.CurrentDomain.GetData("MUTANTS") as int[] ?? Read();

            public static int Enter(int first, int last)
            {
                for (int mutant = first; mutant <= last; mutant++)
                {
                    s_state[mutant] = 1;
                }

                return s_state[0];
            }

            // In a process that a test started.
            private static int[] Read()
            {
                var state = new int[100000];
                int.TryParse(System.Environment.GetEnvironmentVariable("MUTANT"), out state[0]);
                if (System.Environment.GetEnvironmentVariable("MUTANT_HITS") is { } file)
                {
                    System.AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.AppendAllLines(
                        file,
                        System.Linq.Enumerable.Select(
                            System.Linq.Enumerable.Where(System.Linq.Enumerable.Range(1, state.Length - 1), mutant => state[mutant] == 1),
                            mutant => mutant.ToString()));
                }

                return state;
            }
        }
        """;

    private readonly CSharpCommandLineArguments _arguments;
    private readonly string[] _files;
    private readonly List<Place> _places = [];
    private readonly HashSet<(string File, TextSpan Span, string Replacement)> _rejected = [];

    private MutatedBuild(CSharpCommandLineArguments arguments, string[] files)
    {
        _arguments = arguments;
        _files = files;
    }

    public List<Mutant> Mutants { get; } = [];

    /// <summary>Builds a project's mutants.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="framework">The target framework.</param>
    /// <param name="files">The beginnings of the paths of the files to mutate, within the project.</param>
    /// <param name="output">The assembly to write.</param>
    public static List<Mutant> Create(string project, string framework, string[] files, string output)
    {
        string folder = Path.GetDirectoryName(project)!;
        var build = new MutatedBuild(ReadArguments(project, framework), [.. files.Select(file => Path.Combine(folder, file))]);
        build.Emit(output);
        return build.Mutants;
    }

    private static CSharpCommandLineArguments ReadArguments(string project, string framework)
    {
        using Process msbuild = Process.Start(new ProcessStartInfo("dotnet", [
            "msbuild", project, "-t:Compile", $"-p:TargetFramework={framework}", "-p:ProvideCommandLineArgs=true",
            "-p:BuildProjectReferences=false", "-p:SkipCompilerExecution=true", "-p:NonExistentFile=none", "-getItem:CscCommandLineArgs"])
        { RedirectStandardOutput = true })!;
        using var json = JsonDocument.Parse(msbuild.StandardOutput.ReadToEnd());
        string[] arguments = [.. json.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)];
        return CSharpCommandLineParser.Default.Parse(arguments, Path.GetDirectoryName(project), sdkDirectory: null);
    }

    // A mutant that does not compile is left out, which may take some rounds: the compiler does not report everything at once.
    private void Emit(string output)
    {
        while (true)
        {
            Mutants.Clear();
            _places.Clear();
            SyntaxTree[] trees =
            [
                .. _arguments.SourceFiles.Select(file => Parse(AddMutants(file.Path), file.Path)),
                Parse(Switch, "MutantSwitch.cs"),
            ];
            Diagnostic[] errors = [.. CSharpCompilation.Create(
                _arguments.CompilationName,
                trees,
                _arguments.MetadataReferences
                    .Select(reference => MetadataReference.CreateFromFile(reference.Reference, reference.Properties)),
                _arguments.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Default).WithSpecificDiagnosticOptions([]))
                .Emit(output).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
            if (errors.Length == 0)
            {
                return;
            }

            int before = _rejected.Count;
            foreach (Diagnostic error in errors)
            {
                string text = error.Location.SourceTree!.GetText().ToString(error.Location.SourceSpan);
                _rejected.UnionWith(_places
                    .Where(place => place.File == error.Location.SourceTree.FilePath && place.Span.Contains(error.Location.SourceSpan))
                    .Select(place => Key(place.Mutant)));
                // Of a constant that must remain one: the error is where it is used.
                _rejected.UnionWith(_places.Where(place => place.Constant == text).Select(place => Key(place.Mutant)));
            }

            if (_rejected.Count == before)
            {
                throw new InvalidOperationException(string.Join("\n", errors.Select(error => error.ToString())));
            }
        }
    }

    private SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, _arguments.ParseOptions, path, Encoding.UTF8);

    private string AddMutants(string path)
    {
        string source = File.ReadAllText(path);
        if (!_files.Any(file => path.StartsWith(file, StringComparison.Ordinal)))
        {
            return source;
        }

        var result = new StringBuilder();
        int copied = 0;
        foreach (MemberDeclarationSyntax member in Parse(source, path).GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>())
        {
            foreach (Body body in Body.Find(member))
            {
                Mutant[] mutants = [.. Mutator.Mutate(body.Code)
                    .Select(mutation => new Mutant(
                        0,
                        Path.GetRelativePath(_arguments.BaseDirectory!, path),
                        mutation.Target.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1,
                        mutation.Target.Span,
                        mutation.Target.ToString(),
                        mutation.Replacement))
                    .Where(mutant => !_rejected.Contains(Key(mutant)))
                    .Select((mutant, i) => mutant with { Id = Mutants.Count + i + 1 })];
                if (mutants.Length == 0)
                {
                    continue;
                }

                Mutants.AddRange(mutants);
                string code = source.Substring(body.Code.SpanStart, body.Code.Span.Length);
                string[] parts = body.Format.Split("{1}");
                string value = $"global::MutantSwitch.Enter({mutants[0].Id}, {mutants[^1].Id})";
                result.Append(source, copied, body.Replaced.Start - copied).AppendFormat(null, parts[0], value);
                foreach (Mutant mutant in mutants)
                {
                    int start = result.Length;
                    result.Append(body.IsExpression ? $"{mutant.Id} => " : $"case {mutant.Id}: ")
                        .AppendFormat(null, body.Case, mutant.Apply(code, body.Code.SpanStart))
                        .Append(body.IsExpression ? ",\n" : "\nbreak;\n");
                    _places.Add(new Place(path, TextSpan.FromBounds(start, result.Length), mutant, body.Constant));
                }

                result.Append(body.IsExpression ? "_ => " : "default: ")
                    .AppendFormat(null, body.Case, code)
                    .Append(body.IsExpression ? "\n" : "\nbreak;\n")
                    .AppendFormat(null, parts[1], string.Empty);
                copied = body.Replaced.End;
            }
        }

        return result.Append(source, copied, source.Length - copied).ToString();
    }

    private static (string File, TextSpan Span, string Replacement) Key(Mutant mutant) => (mutant.File, mutant.Span, mutant.Replacement);

    /// <summary>Where a mutant is in the mutated source.</summary>
    private sealed record Place(string File, TextSpan Span, Mutant Mutant, string? Constant);
}
