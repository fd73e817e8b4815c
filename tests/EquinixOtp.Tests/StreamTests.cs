using System.Diagnostics;

namespace EquinixOtp.Tests;

/// <summary>The verbose, debug and progress streams.</summary>
public class StreamTests
{
    private static readonly string s_canaryResponse =
        $$"""{"recovery_codes":["{{Canary.RecoveryCodes[0]}}"],"token":"{{Canary.SessionToken}}"}""";

    public static TheoryData<string> Cmdlets => new(Scripts.All);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Cmdlet_writes_only_output_by_default(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, s_canaryResponse);
        using var shell = new Shell(server.BaseUrl);

        var clock = Stopwatch.StartNew();
        Outcome outcome = shell.Run(script + " @api | Out-Null");
        // On a busy machine a call can take so long that it shows progress.
        bool isSlow = clock.Elapsed >= TimeSpan.FromSeconds(1);

        Assert.Empty(outcome.Success);
        Assert.Empty(outcome.Verbose);
        Assert.Empty(outcome.Debug);
        Assert.True(outcome.Progress.Count == 0 || isSlow);
        Assert.Empty(outcome.Others);
        Assert.Empty(shell.Host.Text);
    }

    [Theory]
    [InlineData(Scripts.Confirm, "POST", "/metal/v1/user/otp/verify/******")]
    [InlineData(Scripts.Get, "GET", "/metal/v1/user/otp/recovery-codes")]
    [InlineData(Scripts.Reset, "POST", "/metal/v1/user/otp/recovery-codes")]
    [InlineData(Scripts.Send, "POST", "/metal/v1/user/otp/sms/receive")]
    public async Task Verbose_stream_has_a_line_per_attempt_and_per_wait(string script, string method, string path)
    {
        await using LoopbackServer server = LoopbackServer.Responding(request =>
            request.Number < 3
                ? Response.Create(429, "", "X-Request-Id: id-429")
                : Response.Create(200, s_canaryResponse, "X-Request-Id: id-200"));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        Outcome outcome = shell.Run(script + " @api -Verbose");

        Assert.Empty(outcome.Errors);
        // ShouldProcess adds a line.
        string start = $"{method} {new Uri(server.BaseUrl, path)}: ";
        string[] lines = [.. outcome.Verbose.Where(line => line.StartsWith(start, StringComparison.Ordinal))];
        Assert.Equal(3, lines.Length);
        Assert.Equal(2, outcome.Verbose.Count(line => line.Contains("Waiting 0 s to retry: RateLimited", StringComparison.Ordinal)));
        Assert.InRange(outcome.Verbose.Count, 5, 6);
        Assert.All(lines.Take(2), line => Assert.Matches(@"429 RateLimited, \d+ ms, request id id-429$", line));
        Assert.Matches(@": 200, \d+ ms, request id id-200$", lines[2]);
        Assert.Empty(outcome.Debug);
    }

    [Fact]
    public async Task Debug_stream_has_the_headers_without_secrets()
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            200, s_canaryResponse, $"Set-Cookie: session={Canary.SessionToken}", "X-Plain: as it is", $"X-Echo: {Canary.Token}");
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run(Scripts.Confirm + " @api -Debug");

        Assert.Empty(outcome.Errors);
        Assert.Contains("> X-Auth-Token: ******", outcome.Debug);
        Assert.Contains("> Accept: application/json", outcome.Debug);
        Assert.Contains("< Set-Cookie: ******", outcome.Debug);
        Assert.Contains("< X-Plain: as it is", outcome.Debug);
        Assert.Contains("< X-Echo: ******", outcome.Debug);
        Assert.DoesNotContain(outcome.Debug, line => line.Contains("canary", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("Get-MetalRecoveryCode @api -Debug", false)]
    [InlineData("$VerbosePreference = 'Continue'; Get-MetalRecoveryCode @api -Debug", false)]
    [InlineData("Get-MetalRecoveryCode @api -Debug -Verbose", true)]
    [InlineData("$VerbosePreference = $DebugPreference = 'Continue'; Get-MetalRecoveryCode @api", true)]
    public async Task Each_attempt_is_in_one_stream_and_nothing_is_asked(string script, bool isVerbose)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, s_canaryResponse);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run(script);

        Assert.Empty(outcome.Errors);
        Assert.Empty(shell.Host.Prompts);
        Assert.Single(isVerbose ? outcome.Verbose : outcome.Debug, line => line.Contains(": 200, ", StringComparison.Ordinal));
        Assert.DoesNotContain(isVerbose ? outcome.Debug : outcome.Verbose, line => line.Contains(": 200, ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$DebugPreference = 'Continue'; Get-MetalRecoveryCode @api", true)]
    [InlineData("$DebugPreference = 'Continue'; Get-MetalRecoveryCode @api -Debug:$false", false)]
    [InlineData("$DebugPreference = 'SilentlyContinue'; Get-MetalRecoveryCode @api -Debug", true)]
    [InlineData("$DebugPreference = 'Ignore'; Get-MetalRecoveryCode @api", false)]
    public async Task Debug_stream_follows_the_preference_and_the_switch(string script, bool shown)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, s_canaryResponse);
        using var shell = new Shell(server.BaseUrl);

        Assert.Equal(shown, shell.Run(script).Debug.Count > 0);
    }

    [Fact]
    public async Task Wait_before_a_retry_shows_progress_from_its_start_to_its_end()
    {
        await using LoopbackServer server = LoopbackServer.Responding(request =>
            request.Number == 1 ? Response.Create(429, "", "Retry-After: 1") : Response.Create(204));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        // A wait shows progress after a second without a verbose line.
        Outcome outcome = shell.Run("Send-MetalOtpSms @api -Verbose");

        Assert.Empty(outcome.Errors);
        ProgressRecord[] waits =
        [
            .. outcome.Progress.Where(record => record.StatusDescription.Contains(MetalErrorIds.RateLimited, StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(waits);
        Assert.Equal("Send-MetalOtpSms", waits[0].Activity);
        Assert.InRange(waits[0].SecondsRemaining, 0, 1);
        Assert.All(outcome.Progress.SkipLast(1), record => Assert.Equal(ProgressRecordType.Processing, record.RecordType));
        Assert.Equal(ProgressRecordType.Completed, outcome.Progress[^1].RecordType);
    }

    [Fact]
    public async Task Short_wait_before_a_retry_shows_progress()
    {
        using var retried = new ManualResetEventSlim();
        await using LoopbackServer server = LoopbackServer.Responding(request =>
        {
            if (request.Number == 1)
            {
                return Response.Create(429, "", "Retry-After: 1");
            }

            retried.Set();
            return Response.Create(204);
        });
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        shell["retried"] = retried;

        // The next command blocks the pipeline at the verbose line of the wait, until the wait is over.
        Outcome outcome = shell.Run(
            "Send-MetalOtpSms @api -Verbose 4>&1 | ForEach-Object { if ($_ -match 'to retry') { $retried.Wait() } }");

        Assert.NotEmpty(outcome.Progress);
    }

    [Fact]
    public async Task Slow_response_shows_progress_until_the_timeout()
    {
        await using LoopbackServer server = LoopbackServer.UnresponsiveAfter(Response.Create(429));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        Outcome outcome = shell.Run("Send-MetalOtpSms @api -TimeoutSec 3 -Verbose");

        Assert.Equal([MetalErrorIds.Timeout], outcome.ErrorIds);
        Assert.InRange(outcome.Progress.Count, 2, int.MaxValue);
        Assert.Equal(ProgressRecordType.Completed, outcome.Progress[^1].RecordType);
        // The timeout is not an estimate of the remaining time.
        Assert.All(outcome.Progress, record => Assert.Equal(-1, record.SecondsRemaining));
        Assert.Matches("timeout in [1-3] s", outcome.Progress[0].StatusDescription);
    }

    [Theory]
    [InlineData("$VerbosePreference = 'Stop'")]
    [InlineData("$DebugPreference = 'Stop'")]
    [InlineData("$VerbosePreference = 'Inquire'")]
    [InlineData("$DebugPreference = 'Inquire'")]
    public async Task Stream_that_can_end_the_pipeline_does_not_lose_the_codes(string preference)
    {
        await using LoopbackServer server = LoopbackServer.Responding(request => request.Number == 1
            ? Response.Create(429)
            : Response.Create(200, """{"recovery_codes":["a","b"]}"""));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        _ = shell.Run($"& {{ {preference}; $global:got = Reset-MetalRecoveryCode @api -Confirm:$false -AsPlainText }}").Success;

        Assert.Equal(["a", "b"], ((object[])shell["got"]!).Select(item => $"{item}"));
    }

    [Theory]
    [InlineData("$ProgressPreference = 'Stop'; Reset-MetalRecoveryCode @api -Confirm:$false")]
    [InlineData("Reset-MetalRecoveryCode @api -Confirm:$false -ProgressAction Stop")]
    [InlineData("Reset-MetalRecoveryCode @api -Confirm:$false -ProgressAction Inquire")]
    public async Task Progress_that_would_ask_or_end_the_pipeline_is_not_shown(string call)
    {
        await using LoopbackServer server = LoopbackServer.Responding(request =>
            request.Number == 1 ? Response.Create(429, "", "Retry-After: 1") : Response.Create(200, s_canaryResponse));
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        Outcome outcome = shell.Run(call);

        Assert.Single(outcome.Success);
        Assert.Empty(outcome.Progress);
    }
}
