using System.Collections;
using System.Text;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Whatever comes of a call, no secret is in what is left of it: streams, console, <c>$Error</c> and all that hangs on it.</summary>
public class SecretTests
{
    private static readonly string s_proxyBasic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user:{Secret.ProxyPassword}"));
    private static readonly string[] s_all = [Secret.Token, Secret.Otp, Secret.Totp, Secret.SessionToken, Secret.ProxyPassword, s_proxyBasic, .. Secret.RecoveryCodes];

    private static readonly string s_codes = string.Join(',', Secret.RecoveryCodes.Select(code => $"\"{code}\""));

    /// <summary>What a server does, and its answer, in which it says back the secrets that the request has brought it.</summary>
    private static readonly Dictionary<string, Func<string, string?>> s_answers = new()
    {
        ["hangs"] = _ => null,
        ["closes"] = _ => string.Empty,
        ["speaks no HTTP"] = echo => $"SSH-2.0 {echo}\r\n",
        ["sends a broken header"] = echo => $"HTTP/1.1 200 OK\r\n{echo}\r\n\r\n",
        ["sends a broken length"] = echo => $"HTTP/1.1 200 OK\r\nContent-Length: {echo}\r\nConnection: close\r\n\r\n",
        ["cuts its answer"] = _ => $"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{{\"recovery_codes\":[{s_codes}],\"token\":\"{Secret.SessionToken}\"",
        ["is no API"] = echo => CannedServer.Answer(200, $"<html>{echo} {s_codes}</html>", "Content-Type: text/html"),
        ["sends no JSON"] = echo => CannedServer.Answer(200, $"{echo} {s_codes} {Secret.SessionToken}"),
        ["sends the wrong shape"] = _ => CannedServer.Answer(200, $"{{\"recovery_codes\":[{s_codes},7],\"token\":[\"{Secret.SessionToken}\"]}}"),
        ["redirects"] = echo => CannedServer.Answer(302, "", $"Location: https://127.0.0.1/{Uri.EscapeDataString(echo)}"),
        ["rejects"] = echo => Echo(400, echo),
        ["knows not"] = echo => Echo(401, echo),
        ["forbids"] = echo => Echo(403, echo),
        ["finds nothing"] = echo => Echo(404, echo),
        ["rejects the OTP"] = echo => Echo(424, echo),
        ["is flooded"] = echo => Echo(429, echo, "Retry-After: 3600"),
        ["fails"] = echo => Echo(500, echo),
        ["fails with a page"] = echo => CannedServer.Answer(503, $"<html>{echo}</html>", "Content-Type: text/html"),
        ["succeeds"] = echo => CannedServer.Answer(200, $"{{\"recovery_codes\":[{s_codes}],\"token\":\"{Secret.SessionToken}\"}}", $"X-Request-Id: {echo}"),
    };

    public static TheoryData<string> Servers => new(s_answers.Keys);

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task None_is_left_behind(string server)
    {
        await using var canned = new CannedServer(request => s_answers[server](Carried(request)));
        using Shell shell = CreateShell(canned.Url);

        string[] scripts = ["Confirm-MetalOtp $otp", "$otp | Confirm-MetalOtp", "Confirm-MetalOtp -TotpSecret $totp", .. Scripts.All[1..]];
        foreach (string script in scripts)
        {
            // Shown as a console shows it, since output that was asked for may well hold a secret.
            Outcome outcome = shell.RunInConsole($"{script} @api -TimeoutSec 1 -Verbose -Debug");
            AssertClean(shell, outcome, [.. canned.Requests.Where(request => request.Target.Contains("verify", StringComparison.Ordinal)).Select(OtpOf)]);
        }

        Assert.InRange(canned.Requests.Count, scripts.Length, int.MaxValue);
        Assert.DoesNotContain(Environment.GetEnvironmentVariables().Values.Cast<string>(), value => s_all.Any(value.Contains));
    }

    [Theory]
    [InlineData("Confirm-MetalOtp $otp @api -ErrorAction Stop")]
    [InlineData("'111111', $otp | Confirm-MetalOtp @api -ErrorAction Stop")]
    [InlineData("try { Confirm-MetalOtp $otp @api -ErrorAction Stop } catch { throw }")]
    [InlineData("try { Confirm-MetalOtp $otp @api -ErrorAction Stop } catch { throw $_ }")]
    [InlineData("try { Confirm-MetalOtp $otp @api -ErrorAction Stop } catch { throw [InvalidOperationException]::new('wrapped', $_.Exception) }")]
    [InlineData("Confirm-MetalOtp $otp @api -ErrorVariable failures; $failures[0]")]
    [InlineData("function f { Confirm-MetalOtp $otp @api -ErrorAction Stop } f")]
    [InlineData("& { Confirm-MetalOtp $otp @api } 2>&1")]
    [InlineData("Confirm-MetalOtp \"$otp \" @api")]
    [InlineData("Confirm-MetalOtp -TotpSecret $badTotp -Token $api.Token -ApiUrl $api.ApiUrl")]
    [InlineData("Get-MetalRecoveryCode -Token $badToken -ApiUrl $api.ApiUrl")]
    [InlineData("Get-MetalRecoveryCode @api -Proxy 'http://127.0.0.1' -ProxyCredential $credential -NoProxy")]
    [InlineData("Get-MetalRecoveryCode @api -Proxy 'http://127.0.0.1:9' -ProxyCredential $credential")]
    [InlineData("Get-MetalRecoveryCode -Token $api.Token -ApiUrl http://metal.invalid")]
    [InlineData("Get-MetalRecoveryCode @api -TimeoutSec 0")]
    public async Task None_is_left_behind_however_the_error_travels(string script)
    {
        await using var server = new CannedServer(request => Echo(424, Carried(request)));
        using Shell shell = CreateShell(server.Url);

        Outcome outcome = shell.RunInConsole(script);

        Assert.NotEmpty(Assert.IsType<ArrayList>(shell["Error"]));
        AssertClean(shell, outcome);
    }

    [Fact]
    public async Task None_is_in_a_proxys_complaint()
    {
        await using var proxy = new CannedServer(request => CannedServer.Answer(
            407,
            $$"""{"errors":["{{Secret.Token}}", "{{Secret.ProxyPassword}}", "{{request.Headers.GetValueOrDefault("Proxy-Authorization")}}"]}""",
            "Proxy-Authenticate: Basic realm=\"x\""));
        using Shell shell = CreateShell(new Uri("http://127.0.0.1:9"));
        shell["proxy"] = proxy.Url.GetLeftPart(UriPartial.Authority);

        Outcome outcome = shell.RunInConsole("Get-MetalRecoveryCode @api -Proxy $proxy -ProxyCredential $credential -Verbose -Debug");

        Assert.Equal(2, proxy.Requests.Count);
        AssertClean(shell, outcome);
    }

    [Fact]
    public async Task None_is_left_behind_by_a_stop()
    {
        await using var server = new CannedServer(_ => null);
        using Shell shell = CreateShell(server.Url);
        using PowerShell call = shell.Create("Confirm-MetalOtp $otp @api -Verbose -Debug");
        IAsyncResult running = call.BeginInvoke();
        await server.RequestArrivedAsync();

        call.Stop();

        PipelineStoppedException stopped = Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));
        AssertClean(shell, new Outcome([], call, null));
        Assert.Empty(new SecretHunt(s_all).Find(stopped));
    }

    /// <summary>The command's text is the caller's own, and PowerShell keeps it. Values that come in variables are not in it.</summary>
    [Fact]
    public async Task Error_holds_the_callers_line_and_no_bound_value()
    {
        await using var server = new CannedServer(request => Echo(424, Carried(request)));
        using Shell shell = CreateShell(server.Url);

        InvocationInfo invocation = Assert.Single(shell.Run("Confirm-MetalOtp $otp @api").Errors).InvocationInfo;

        Assert.Equal("Confirm-MetalOtp $otp @api", invocation.Line);
        Assert.Empty(invocation.BoundParameters);
        Assert.Empty(invocation.UnboundArguments);
    }

    [Fact]
    public async Task Output_asked_for_is_all_that_holds_one()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        string[] codes = [.. emulator.Accounts[0].RecoveryCodes];

        Outcome outcome = shell.Run("Get-MetalRecoveryCode -AsPlainText @api -Verbose -Debug");

        Assert.Equal(codes, outcome.Success);
        Assert.DoesNotContain(outcome.Verbose.Concat(outcome.Debug).Append(shell.Host.Text), text => codes.Any(text.Contains));
    }

    [Fact]
    public void Hunt_finds_what_is_hidden()
    {
        var inner = new InvalidOperationException("x");
        inner.Data["key"] = new { Deep = new[] { "-" + Secret.Token + "-" } };
        var record = new ErrorRecord(new AggregateException("outer", inner), "id", ErrorCategory.NotSpecified, Encoding.UTF8.GetBytes(Secret.Otp));

        Assert.Equal(2, new SecretHunt(s_all).Find(record).Count);
    }

    private static string Echo(int status, string echo, params string[] headers) => CannedServer.Answer(
        status,
        $$"""{"errors":["{{echo}}"],"error":"{{echo}}","recovery_codes":[{{s_codes}}],"token":"{{Secret.SessionToken}}"}""",
        [$"X-Request-Id: {echo}", $"Set-Cookie: {Secret.SessionToken}", $"X-Echo: {echo}", .. headers]);

    private static string Carried(CannedRequest request) =>
        $"{request.Headers["X-Auth-Token"]} in {request.Target}, {request.Headers["X-Auth-Token"].ToUpperInvariant()}";

    private static string OtpOf(CannedRequest request) => request.Target.Split('/')[^1];

    private static Shell CreateShell(Uri url)
    {
        var shell = new Shell(url);
        shell["otp"] = Secret.Otp;
        shell["totp"] = Secret.Secure(Secret.Totp);
        shell["badTotp"] = Secret.Secure(Secret.Totp + "!");
        shell["badToken"] = Secret.Secure(Secret.Token + " " + Secret.SessionToken);
        shell["credential"] = new PSCredential("user", Secret.Secure(Secret.ProxyPassword));
        return shell;
    }

    private static void AssertClean(Shell shell, Outcome outcome, params string[] otps)
    {
        string[] secrets = [.. s_all, .. otps];
        foreach (string text in outcome.Verbose.Concat(outcome.Debug).Concat(outcome.Others).Append(shell.Host.Text))
        {
            Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }

        var errors = Assert.IsType<ArrayList>(shell["Error"]);
        var hunt = new SecretHunt(secrets);
        Assert.Empty(hunt.Find(errors));
        Assert.Empty(hunt.Find(outcome.Errors));
        Assert.Empty(hunt.Find(outcome.Progress));
        Assert.InRange(hunt.Count, errors.Count * 10, 500_000);
        foreach (Exception exception in errors.Cast<object>().Select(error => error as Exception ?? ((ErrorRecord)error).Exception))
        {
            Assert.DoesNotContain(secrets, secret => exception.ToString().Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }
}
