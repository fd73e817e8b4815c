using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EquinixOtp.Client.Tests;

/// <summary>
/// Checks that the table of docs/faults.md has the faults of <see cref="HostileServerTests"/>, and that docs/reliability.md names existing
/// test classes. If EQUINIXOTP_WRITE_DOCS is set, writes the table instead of comparing it.
/// </summary>
public class ReliabilityPageTests
{
    private const string Begin = "<!-- Written by ReliabilityPageTests. -->\n";

    private static string Docs => Path.Combine(CheckoutRoot.Path, "docs");

    [Fact]
    public void Page_of_faults_has_each_fault_and_its_outcomes()
    {
        string path = Path.Combine(Docs, "faults.md");
        string page = File.ReadAllText(path).ReplaceLineEndings("\n");
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string table = MakeTable();
        if (Environment.GetEnvironmentVariable("EQUINIXOTP_WRITE_DOCS") is not null)
        {
            File.WriteAllText(path, page[..begin] + table);
        }
        else
        {
            Assert.Equal(table, page[begin..]);
        }
    }

    [Fact]
    public void Reliability_page_names_existing_tests_in_each_row()
    {
        string page = File.ReadAllText(Path.Combine(Docs, "reliability.md")).ReplaceLineEndings("\n");
        // The first two lines of a table are its header.
        string[] rows = [.. Regex.Matches(page, @"(?<=\n\n\|.*\n\|[-|]+\n(\|.*\n)*)\|.*\n").Select(row => row.Value)];
        HashSet<string> testFiles =
        [
            .. Directory.GetFiles(Path.Combine(CheckoutRoot.Path, "tests"), "*Tests.*", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(file)),
        ];

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.NotEmpty(TestFiles(row.Split('|')[^2])));
        Assert.All(TestFiles(page), file => Assert.Contains(file, testFiles));
    }

    private static IEnumerable<string> TestFiles(string text) =>
        Regex.Matches(text, @"`(?<name>[\w-]+(Tests|\.Tests\.ps1))`")
            .Select(match => match.Groups["name"].Value)
            .Select(name => name.EndsWith(".ps1", StringComparison.Ordinal) ? name : $"{name}.cs");

    private static string MakeTable()
    {
        var table = new StringBuilder();
        table.Append("| what the server does | Get, Reset | Confirm | Send | requests for a GET, two retries allowed |\n");
        table.Append("|---|---|---|---|---|\n");
        foreach ((string name, Fault fault) in Faults.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {name} | {Outcome(fault.Codes)} | {Outcome(fault.Verify)} ");
            table.Append(CultureInfo.InvariantCulture, $"| {Outcome(fault.Sms)} | {(fault.RepeatsGet ? 3 : 1)} |\n");
        }

        return table.ToString();
    }

    private static string Outcome(string? errorId) => errorId is null ? "success" : $"`{errorId}`";
}
