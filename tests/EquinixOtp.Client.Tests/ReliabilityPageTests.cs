using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EquinixOtp.Client.Tests;

/// <summary>
/// The table of docs/reliability.md is what <see cref="HostileServerTests"/> runs. With EQUINIXOTP_WRITE_DOCS set, it is
/// written rather than compared.
/// </summary>
public class ReliabilityPageTests
{
    private const string Begin = "<!-- Written by ReliabilityPageTests: what HostileServerTests runs. -->\n";
    private const string End = "<!-- End of what is written. -->";

    private static string Page => Path.Combine(CheckoutRoot.Path, "docs", "reliability.md");

    [Fact]
    public void The_page_has_the_faults_that_are_tried_and_their_outcomes()
    {
        string path = Page;
        string page = File.ReadAllText(path).ReplaceLineEndings("\n");
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, begin, StringComparison.Ordinal);
        string table = MakeTable();
        if (Environment.GetEnvironmentVariable("EQUINIXOTP_WRITE_DOCS") is not null)
        {
            File.WriteAllText(path, page[..begin] + table + page[end..]);
        }
        else
        {
            Assert.Equal(table, page[begin..end]);
        }
    }

    [Fact]
    public void The_page_names_tests_that_exist_in_each_row_of_its_tables()
    {
        string tests = Path.Combine(CheckoutRoot.Path, "tests");
        string page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        MatchCollection names = TestNames(page);
        // A table's first two lines are its head.
        IEnumerable<string> rows = Regex.Matches(page[page.IndexOf(End, StringComparison.Ordinal)..], @"(?<=\n\n\|.*\n\|[-|]+\n(\|.*\n)*)\|.*\n").Select(row => row.Value);

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(TestNames(row.Split('|')[^2]).Count > 0 || row.Contains(".Tests.ps1`", StringComparison.Ordinal), row));
        Assert.All(names, name => Assert.Contains(
            Directory.GetFiles(tests, name.Groups["class"].Value + ".cs", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains($" {name.Groups["method"].Value}{(name.Groups["method"].Success ? "(" : string.Empty)}", StringComparison.Ordinal)));
    }

    private static MatchCollection TestNames(string text) => Regex.Matches(text, @"`(?<class>\w+Tests)(\.(?<method>\w+))?`");

    private static string MakeTable()
    {
        var table = new StringBuilder();
        table.Append("| what the server does | Get, Reset | Confirm | Send | requests for a GET, two retries allowed |\n|---|---|---|---|---|\n");
        foreach ((string name, Fault fault) in Faults.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {name} | {Outcome(fault.Codes)} | {Outcome(fault.Verify)} | {Outcome(fault.Sms)} | {(fault.RepeatsGet ? 3 : 1)} |\n");
        }

        return table.ToString();
    }

    private static string Outcome(string? errorId) => errorId is null ? "success" : $"`{errorId}`";
}
