using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EquinixOtp.Tests;

namespace EquinixOtp.Emulator.Tests;

/// <summary>Runs each code block of docs/emulator.md, and compares what it prints with the text block that follows it.</summary>
public sealed partial class DocsPageTests(InstalledTool tool)
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(CheckoutRoot.Path, "docs/emulator.md")).ReplaceLineEndings("\n");

    private static readonly string s_example = Path.Combine(CheckoutRoot.Path, "tests/EquinixOtp.Emulator.Tests/InProcessExample.cs");

    // The text block after a block is its output.
    private static readonly (string Language, string Text, string? Output)[] s_blocks =
    [
        .. BlockPattern().Matches(s_page)
            .Where(match => match.Groups["language"].Value != "text")
            .Select(match => (match.Groups["language"].Value, match.Groups["text"].Value, Output(match))),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, string> Blocks
    {
        get
        {
            var data = new TheoryData<int, string, string>();
            for (int i = 0; i < s_blocks.Length; i++)
            {
                data.Add(i, s_blocks[i].Language, s_blocks[i].Text.Split('\n')[0]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Block_runs_as_it_stands(int index, string language, string firstLine)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The page's sh blocks need a Unix shell.");
        Assert.NotEmpty(firstLine);
        (_, string text, string? output) = s_blocks[index];
        string folder = tool.CreateWorkingFolder();
        switch (language)
        {
            case "sh" when text.Trim() == InstalledTool.PackCommand:
                // The fixture has run it.
                break;
            case "sh" when ForegroundPattern().IsMatch(text):
                AssertPrints(output, await RunUntilStartedAsync(folder, text));
                break;
            case "sh" or "powershell":
                AssertPrints(output, await RunAgainstEmulatorAsync(folder, language, text));
                break;
            case "yaml":
                await RunStepsAsync(folder, text);
                break;
            case "json":
                await using (TestEmulator emulator = await TestEmulator.StartAsync())
                {
                    foreach (string fault in text.Trim().Split('\n'))
                    {
                        await emulator.AddFaultAsync(fault);
                    }
                }

                break;
            case "csharp":
                string source = await File.ReadAllTextAsync(s_example, Stop);
                source = source.ReplaceLineEndings("\n").Replace("\n        ", "\n", StringComparison.Ordinal);
                Assert.Contains(text, source, StringComparison.Ordinal);
                break;
            default:
                Assert.Fail($"A block of {language} is not run.");
                break;
        }

        await AssertIsStoppedAsync(folder);
    }

    [Fact]
    public async Task The_table_of_faults_shows_what_the_cmdlets_make_of_them()
    {
        string table = TablePattern().Match(s_page).Groups["rows"].Value;
        string[][] rows = [.. table.Trim().Split('\n').Select(row => row.Trim('|', ' ').Split(" | "))];
        Assert.NotEmpty(rows);
        string faults = string.Join(", ", rows.Select(row => $"'{row[0].Trim('`')}'"));

        string output = await RunAgainstEmulatorAsync(tool.CreateWorkingFolder(), "powershell", $$"""
            $admin = 'http://127.0.0.1:8180/__admin'
            $env:METAL_API_URL = 'http://127.0.0.1:8180/metal/v1'
            $env:METAL_AUTH_TOKEN = 'my-token'
            $common = @{ MaximumRetryCount = 0; TimeoutSec = 1; ErrorAction = 'Stop' }
            function Get-Code {
                Send-MetalOtpSms
                (Invoke-RestMethod "$admin/accounts/1/sms/latest").code
            }
            foreach ($fault in {{faults}}) {
                $session = (Confirm-MetalOtp (Get-Code)).SessionToken
                $cells = foreach ($call in @(
                        { Confirm-MetalOtp $code @common },
                        { Get-MetalRecoveryCode @common },
                        { Send-MetalOtpSms @common },
                        { Reset-MetalRecoveryCode -Confirm:$false @common })) {
                    $code = Get-Code
                    $body = "{`"operation`":`"*`",$fault}"
                    $null = Invoke-RestMethod "$admin/faults" -Method Post -ContentType application/json -Body $body
                    $common.Token = $session
                    try {
                        $null = & $call
                        '–'
                    } catch {
                        "``$($_.FullyQualifiedErrorId -replace ',.*')``"
                    }
                    $null = Invoke-RestMethod "$admin/faults" -Method Delete
                }
                $cells -join ' | '
            }
            """, "--session-tokens");

        string actual = string.Concat(rows.Zip(output.Trim().Split('\n'), (row, cells) => $"| {row[0]} | {cells} |\n"));
        Assert.True(table == actual, $"The table should have the rows:\n{actual}");
    }

    private static string? Output(Match block)
    {
        Match output = OutputPattern().Match(s_page, block.Index + block.Length);
        return output.Success ? output.Groups["text"].Value : null;
    }

    // Digits, secrets and fractions of a second differ from run to run.
    private static void AssertPrints(string? expected, string actual)
    {
        if (expected is not null)
        {
            Assert.Equal(Mask(expected), Mask(actual));
        }

        static string Mask(string text) => VariablePattern().Replace(text.Trim(), match => match.Groups["secret"].Success ? "SECRET" : "0");
    }

    private async Task<string> RunUntilStartedAsync(string folder, string text)
    {
        using Process process = tool.Start(folder, "sh", "-eu", "-c", $"{text.TrimEnd()} --port 0");
        try
        {
            string output = string.Empty;
            do
            {
                string? line = await process.StandardOutput.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromMinutes(2), Stop);
                if (line is null)
                {
                    Assert.Fail($"{output}\n{await process.StandardError.ReadToEndAsync(Stop)}");
                }

                // The installation prints lines of its own before.
                output = line.StartsWith("URL: ", StringComparison.Ordinal) ? line : $"{output}\n{line}";
            }
            while (!output.Contains("TOTP URI: ", StringComparison.Ordinal));

            return output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(Stop);
        }
    }

    private async Task<string> RunAgainstEmulatorAsync(string folder, string language, string text, params string[] options)
    {
        using Process emulator = tool.Start(folder, tool.Command, ["--port", "0", "--token", "my-token", .. options]);
        try
        {
            string? url = await emulator.StandardOutput.ReadLineAsync(Stop);
            string port = new Uri(url!["URL: ".Length..]).Port.ToString(CultureInfo.InvariantCulture);
            text = text.Replace("8180", port, StringComparison.Ordinal);
            return language == "sh"
                ? await tool.RunAsync(folder, "sh", "-eu", "-c", text)
                : await RunPowerShellAsync(folder, $"Import-Module '{CheckoutRoot.Path}/EquinixOtp.psd1'\n{text}");
        }
        finally
        {
            emulator.Kill();
            await emulator.WaitForExitAsync(Stop);
        }
    }

    private async Task<string> RunPowerShellAsync(string folder, string text)
    {
        string file = Path.Combine(folder, $"{Guid.NewGuid():n}.ps1");
        await File.WriteAllTextAsync(file, $"$ErrorActionPreference = 'Stop'\n{text}", Stop);
        return await tool.RunAsync(folder, "dotnet", InstalledTool.PowerShell, "-NoProfile", "-NonInteractive", "-File", file);
    }

    private async Task RunStepsAsync(string folder, string workflow)
    {
        Directory.CreateDirectory(Path.Combine(folder, "temp"));
        await File.WriteAllTextAsync(Path.Combine(folder, "test.ps1"), """
            $headers = @{ 'X-Auth-Token' = $env:METAL_AUTH_TOKEN }
            (Invoke-RestMethod "$env:METAL_API_URL/user/otp/recovery-codes" -Headers $headers).recovery_codes.Count
            """, Stop);
        string output = string.Empty;
        foreach (Match step in StepPattern().Matches(workflow))
        {
            string script = Regex.Replace(step.Groups["block"].Value + step.Groups["line"].Value, "(?m)^ {10}", string.Empty);
            output += step.Groups["shell"].Value == "pwsh"
                ? await RunPowerShellAsync(folder, script)
                : await tool.RunAsync(folder, "bash", "-e", "-c", script);
        }

        Assert.EndsWith("\n10", output.TrimEnd(), StringComparison.Ordinal);
    }

    // What a recipe started, it must have ended.
    private static async Task AssertIsStoppedAsync(string folder)
    {
        string? log = Directory.GetFiles(folder, "emulator.*").SingleOrDefault();
        if (log is null)
        {
            return;
        }

        var url = new Uri(Regex.Match(await File.ReadAllTextAsync(log, Stop), "http://[0-9.:]+").Value);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await http.GetAsync(url, Stop);
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "The emulator still runs.");
                await Task.Delay(50, Stop);
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    [GeneratedRegex(@"(?m)^```(?<language>\w+)\n(?<text>(?:.*\n)*?)^```\n")]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"\G\n```text\n(?<text>(?:.*\n)*?)```\n")]
    private static partial Regex OutputPattern();

    [GeneratedRegex(@"(?m)^(?:dnx|metal-otp-emulator) .*\n\z")]
    private static partial Regex ForegroundPattern();

    [GeneratedRegex(@"(?m)^\| fault \|.*\n\|-.*\n(?<rows>(?:\|.*\n)+)")]
    private static partial Regex TablePattern();

    [GeneratedRegex(@"(?<secret>\b[A-Z2-7]{32}\b)|[0-9]+(?:\.[0-9]+(?=\+))?")]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"(?m)(?:^        shell: (?<shell>\w+)\n)?^ {6}(?:- |  )(?:run|bash): (?:\|\n(?<block>(?: {10}.*\n|\n)+)|(?<line>[^|\n].*))")]
    private static partial Regex StepPattern();
}
