using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EquinixOtp.Tests;

namespace EquinixOtp.Emulator.Tests;

/// <summary>Runs each code block of docs/emulator.md and compares its output with the text block that follows.</summary>
[Collection(typeof(InstalledToolTests))]
public sealed partial class DocsPageTests(InstalledTool tool)
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(CheckoutRoot.Path, "docs/emulator.md")).ReplaceLineEndings("\n");

    private static readonly string s_example = Path.Combine(CheckoutRoot.Path, "tests/EquinixOtp.Emulator.Tests/InProcessExample.cs");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string?> Blocks
    {
        get
        {
            var data = new TheoryData<string, string, string?>();
            foreach (Match block in BlockPattern().Matches(s_page).Where(block => block.Groups["language"].Value != "text"))
            {
                Group output = block.Groups["output"];
                data.Add(block.Groups["language"].Value, block.Groups["text"].Value, output.Success ? output.Value : null);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Block_prints_its_output(string language, string text, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The sh blocks require a Unix shell.");
        if (language == "csharp")
        {
            string source = await File.ReadAllTextAsync(s_example, Stop);
            string unindented = source.ReplaceLineEndings("\n").Replace("\n        ", "\n", StringComparison.Ordinal);
            Assert.Contains(text, unindented, StringComparison.Ordinal);
            return;
        }

        if (text.Trim() == InstalledTool.PackCommand)
        {
            // The fixture runs it.
            return;
        }

        Assert.True(language is "sh" or "powershell", language);
        string folder = tool.CreateWorkingFolder();
        string output = ForegroundPattern().IsMatch(text)
            ? await RunUntilStartedAsync(folder, text)
            : await RunAgainstEmulatorAsync(folder, language, text);

        if (expected is not null)
        {
            Assert.Equal(Mask(expected), Mask(output));
        }

        await AssertEmulatorIsStoppedAsync(folder);
    }

    [Fact]
    public async Task Table_of_faults_has_the_error_ids_of_the_cmdlets()
    {
        string table = TablePattern().Match(s_page).Groups["rows"].Value;
        string[][] rows = [.. table.Trim().Split('\n').Select(row => row.Trim('|', ' ').Split(" | "))];
        Assert.NotEmpty(rows);
        string faults = string.Join(", ", rows.Select(row => $"'{row[0].Trim('`')}'"));

        string output = await RunAgainstEmulatorAsync(tool.CreateWorkingFolder(), "powershell", $$"""
            $admin = 'http://127.0.0.1:8180/__admin'
            $env:METAL_API_URL = 'http://127.0.0.1:8180/metal/v1'
            $env:METAL_AUTH_TOKEN = 'my-token-1'
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

        Assert.Equal(table, string.Concat(rows.Zip(output.Trim().Split('\n'), (row, cells) => $"| {row[0]} | {cells} |\n")));
    }

    // Digits and secrets differ from run to run.
    private static string Mask(string text) =>
        VariablePattern().Replace(text.Trim(), match => match.Groups["secret"].Success ? "SECRET" : "0");

    private async Task<string> RunUntilStartedAsync(string folder, string text)
    {
        using Process process = tool.Start(folder, "sh", "-eu", "-c", $"{text.TrimEnd()} --port 0");
        try
        {
            string output = string.Empty;
            while (!output.Contains("TOTP URI: ", StringComparison.Ordinal))
            {
                string? line = await process.StandardOutput.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromMinutes(2), Stop);
                if (line is null)
                {
                    Assert.Fail($"{output}\n{await process.StandardError.ReadToEndAsync(Stop)}");
                }

                // The output of the installation precedes that of the emulator.
                output = line.StartsWith("URL: ", StringComparison.Ordinal) ? line : $"{output}\n{line}";
            }

            return output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private async Task<string> RunAgainstEmulatorAsync(string folder, string language, string text, params string[] options)
    {
        using Process emulator = tool.Start(folder, tool.Command, ["--port", "0", "--token", "my-token-1", .. options]);
        try
        {
            string? url = await emulator.StandardOutput.ReadLineAsync(Stop);
            string port = new Uri(url!["URL: ".Length..]).Port.ToString(CultureInfo.InvariantCulture);
            text = text.Replace("8180", port, StringComparison.Ordinal);
            if (language == "sh")
            {
                return await tool.RunAsync(folder, "sh", "-eu", "-c", text);
            }

            string script = Path.Combine(folder, "block.ps1");
            string preamble = $"$ErrorActionPreference = 'Stop'\nImport-Module '{CheckoutRoot.Path}/EquinixOtp.psd1'\n";
            await File.WriteAllTextAsync(script, preamble + text, Stop);
            return await tool.RunAsync(folder, "dotnet", InstalledTool.PowerShell, "-NoProfile", "-NonInteractive", "-File", script);
        }
        finally
        {
            emulator.Kill();
        }
    }

    // The CI recipes write the output of their emulator to a file, and must stop it.
    private static async Task AssertEmulatorIsStoppedAsync(string folder)
    {
        if (Directory.GetFiles(folder, "emulator.*").SingleOrDefault() is not { } log)
        {
            return;
        }

        string url = Regex.Match(await File.ReadAllTextAsync(log, Stop), "http://[0-9.:]+").Value;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            while (!timeout.IsCancellationRequested)
            {
                await TestEmulator.SendAsync(HttpMethod.Get, url, token: null);
            }
        });
    }

    [GeneratedRegex(@"(?m)^```(?<language>\w+)\n(?<text>(?:.*\n)*?)^```\n(?:\n```text\n(?<output>(?:.*\n)*?)```\n)?")]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"(?m)^(?:dnx|metal-otp-emulator) .*\n\z")]
    private static partial Regex ForegroundPattern();

    [GeneratedRegex(@"(?m)^\| fault \|.*\n\|-.*\n(?<rows>(?:\|.*\n)+)")]
    private static partial Regex TablePattern();

    [GeneratedRegex(@"(?<secret>\b[A-Z2-7]{32}\b)|[0-9]+(?:\.[0-9]+(?=\+))?")]
    private static partial Regex VariablePattern();
}
