using System.Globalization;
using System.Reflection;
using System.Text.Json;
using EquinixOtp.Mutation;
using EquinixOtp.Tests;

string artifacts = Path.Combine(CheckoutRoot.Path, "artifacts");
(string project, string framework, string tests, string target) = args[0] switch
{
    "client" => (
        "EquinixOtp.Client",
        "net8.0",
        "EquinixOtp.Client.Tests",
        "artifacts/bin/EquinixOtp.Client.Tests/release/EquinixOtp.Client.dll"),
    "module" => ("EquinixOtp", "netstandard2.0", "EquinixOtp.Tests", "bin/EquinixOtp.dll"),
    _ => throw new ArgumentException("Usage: client|module [folders or files]"),
};
string[] files = args.Length > 1 ? args[1].Split(',') : [string.Empty];
string list = Path.Combine(artifacts, args[0] + ".mutants.json");
List<Mutant> mutants;
if (args.Length > 2)
{
    mutants = JsonSerializer.Deserialize<List<Mutant>>(File.ReadAllText(list))!;
    int[] only = [.. args[2].Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    mutants.RemoveAll(mutant => !only.Contains(mutant.Id));
}
else
{
    mutants = MutatedBuild.Create(
        Path.Combine(CheckoutRoot.Path, "src", project, project + ".csproj"), framework, files, Path.Combine(CheckoutRoot.Path, target));
    File.WriteAllText(list, JsonSerializer.Serialize(mutants));
}

Console.WriteLine($"{DateTime.Now:T} {mutants.Count} mutants");

// Tests under load, of packages and of documents test other things.
List<MutantRunner> stages =
[
    new(
        [Path.Combine(artifacts, "bin", tests, "release", tests + ".dll")],
        ["LoadTests", "PropertyTests", "PackageTests", "WindowsPowerShellTests"]),
];
if (project == "EquinixOtp")
{
    stages.Add(new(
        [MetadataOf("Pwsh"), "-NoProfile", "-NonInteractive", "-File", Path.Combine(AppContext.BaseDirectory, "PesterHost.ps1"),
            "-Pester", MetadataOf("Pester"), "-Folder", Path.Combine(CheckoutRoot.Path, "tests", "Pester")],
        ["Package", "Runbooks", "ScriptAnalyzer"]));
}

Dictionary<Mutant, MutantState> states = mutants.ToDictionary(mutant => mutant, _ => MutantState.NotReached);
foreach (MutantRunner stage in stages)
{
    await stage.MeasureAsync();
    Console.WriteLine($"{DateTime.Now:T} measured");
    await TestAsync(stage, again: false);
}

foreach (MutantRunner stage in stages)
{
    await TestAsync(stage, again: true);
    await stage.DisposeAsync();
}

IEnumerable<IGrouping<string, Mutant>> folders = mutants.GroupBy(mutant => Path.GetDirectoryName(mutant.File)!);
foreach (IGrouping<string, Mutant> folder in folders.Append(mutants.GroupBy(_ => "all").First()))
{
    int killed = folder.Count(mutant => states[mutant] < MutantState.Survived);
    int count = folder.Count();
    Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{folder.Key}: {killed} of {count} killed, {100.0 * killed / count:0.0} %"));
}

async Task TestAsync(MutantRunner stage, bool again)
{
    Console.WriteLine($"{DateTime.Now:T} {(again ? "again, in new processes" : "first")}");
    await stage.TestAsync([.. mutants.Where(mutant => states[mutant] >= MutantState.Survived)], again, (mutant, state, test) =>
    {
        lock (states)
        {
            states[mutant] = state < states[mutant] ? state : states[mutant];
            Console.WriteLine($"{DateTime.Now:T} {state} #{mutant.Id} {mutant}{(test is null ? string.Empty : $"  [{test}]")}");
        }
    });
}

static string MetadataOf(string key) =>
    typeof(Mutant).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
