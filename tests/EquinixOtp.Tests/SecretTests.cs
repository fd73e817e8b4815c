using System.Collections;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Whatever comes of a call, no secret is in what is left of it: streams, console, <c>$Error</c> and all that hangs on it.</summary>
public class SecretTests
{
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
        await using LoopbackServer server = Echo();
        using Shell shell = CreateShell(server.BaseUrl);

        Outcome outcome = shell.RunInConsole(script);

        Assert.NotEmpty(Assert.IsType<ArrayList>(shell["Error"]));
        Residue.AssertHoldsNoSecret(shell, [outcome]);
    }

    [Fact]
    public void None_is_left_behind_by_a_refused_connection()
    {
        using Socket nobody = LoopbackServer.ReservePort();

        AssertFailsClean(new Uri($"http://{nobody.LocalEndPoint}"));
    }

    [Fact]
    public async Task None_is_left_behind_by_a_certificate_that_nobody_trusts()
    {
        using X509Certificate2 certificate = Certificates.Create(authority: null);
        await using var server = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), certificate);

        AssertFailsClean(server.BaseUrl);

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task None_is_in_a_proxys_complaint()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(request => Response.Create(
            407,
            $$"""{"errors":["{{Canary.Token}}", "{{Canary.ProxyPassword}}", "{{request.Header("Proxy-Authorization")}}"]}""",
            "Proxy-Authenticate: Basic realm=\"x\""));
        using Shell shell = CreateShell(new Uri("http://127.0.0.1:9"));
        shell["proxy"] = proxy.BaseUrl.GetLeftPart(UriPartial.Authority);

        Outcome outcome = shell.RunInConsole("Get-MetalRecoveryCode @api -Proxy $proxy -ProxyCredential $credential -Verbose -Debug");

        Assert.Equal(2, proxy.Requests.Count);
        Residue.AssertHoldsNoSecret(shell, [outcome]);
    }

    [Fact]
    public async Task None_is_left_behind_by_a_stop()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using Shell shell = CreateShell(server.BaseUrl);
        using PowerShell call = shell.Create("Confirm-MetalOtp $otp @api -Verbose -Debug");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        call.Stop();

        PipelineStoppedException stopped = Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));
        Residue.AssertHoldsNoSecret(shell, [new Outcome([], call, null)]);
        Assert.Empty(new SecretHunt().Find(stopped));
    }

    /// <summary>The command's text is the caller's own, and PowerShell keeps it. Values that come in variables are not in it.</summary>
    [Fact]
    public async Task Error_holds_the_callers_line_and_no_bound_value()
    {
        await using LoopbackServer server = Echo();
        using Shell shell = CreateShell(server.BaseUrl);

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

    /// <summary>Of a pipeline that is built command by command, and of a JEA session, PowerShell transcribes each bound value.</summary>
    [Fact]
    public async Task None_is_in_a_transcript_of_bound_parameters()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using Shell shell = CreateShell(server.BaseUrl);
        await using Transcript transcript = await Transcript.StartAsync(shell);
        foreach (object otp in new object[] { Canary.Otp, Secret.Secure(Canary.Otp) })
        {
            using var call = PowerShell.Create(shell.Runspace);
            call.AddCommand("Confirm-MetalOtp").AddParameter("Otp", otp).AddParameters((System.Collections.IDictionary)shell["api"]!).Invoke();
            using var piped = PowerShell.Create(shell.Runspace);
            piped.AddCommand("Confirm-MetalOtp").AddParameters((System.Collections.IDictionary)shell["api"]!).Invoke(new[] { otp });
        }

        string text = await transcript.ReadAsync();

        Assert.Contains("name=\"Otp\"; value=\"System.Security.SecureString\"", text, StringComparison.Ordinal);
        Assert.False(new SecretHunt().IsIn(text), text);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task None_is_in_a_trace_of_a_SecureStrings_binding()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using Shell shell = CreateShell(server.BaseUrl);
        shell["wrapped"] = Secret.Secure(Canary.Otp);
        var listener = new StringWriter();
        using var writer = new System.Diagnostics.TextWriterTraceListener(listener);
        var binding = (PSTraceSource)typeof(PSTraceSource).GetMethod("GetTracer", BindingFlags.Static | BindingFlags.NonPublic, [typeof(string), typeof(string)])!
            .Invoke(null, ["ParameterBinding", "ParameterBinding"])!;
        binding.Options = PSTraceSourceOptions.All;
        binding.Listeners.Add(writer);
        try
        {
            _ = shell.Run("$wrapped | Confirm-MetalOtp @api; Confirm-MetalOtp $wrapped @api; [pscustomobject]@{ Code = $wrapped } | Confirm-MetalOtp @api").Success;
        }
        finally
        {
            binding.Options = PSTraceSourceOptions.None;
            binding.Listeners.Remove(writer);
        }

        string text = listener.ToString();
        Assert.Contains("[Otp]", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary.Otp, text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("Proxy $wrapped @api", true)]
    [InlineData("$wrapped | Proxy @api", true)]
    [InlineData("Proxy 'canaryText' @api", false)]
    public async Task Generated_proxy_function_sends_the_OTP_or_nothing(string script, bool isSent)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using Shell shell = CreateShell(server.BaseUrl);
        shell["wrapped"] = Secret.Secure("012345");
        _ = shell.Run("${function:Proxy} = [System.Management.Automation.ProxyCommand]::Create((Get-Command Confirm-MetalOtp))").Success;

        Outcome outcome = shell.Run(script);

        Assert.Equal(isSent, outcome.Errors.Count == 0);
        Assert.Equal(isSent ? ["/metal/v1/user/otp/verify/012345"] : [], server.Requests.Select(request => request.Target));
    }

    private static LoopbackServer Echo()
    {
        Fault fault = Faults.All["repeats the secrets in a 424"];
        return new LoopbackServer(connection => fault.Serve(connection, Task.Delay));
    }

    private static void AssertFailsClean(Uri url)
    {
        using Shell shell = CreateShell(url);
        string firstCode = Canary.CodeAt(DateTimeOffset.UtcNow);

        Outcome[] outcomes = [.. Scripts.WithSecrets.Select(call => shell.Run(call.Script + " @api -Verbose -Debug"))];

        Assert.All(outcomes, outcome => Assert.Equal([MetalErrorIds.ConnectionFailed], outcome.ErrorIds));
        Residue.AssertHoldsNoSecret(shell, outcomes, null, firstCode, Canary.CodeAt(DateTimeOffset.UtcNow));
    }

    private static Shell CreateShell(Uri url)
    {
        var shell = new Shell(url);
        shell.SetSecrets();
        shell["badTotp"] = Secret.Secure(Canary.TotpSecret + "!");
        shell["badToken"] = Secret.Secure(Canary.Token + " " + Canary.SessionToken);
        return shell;
    }
}
