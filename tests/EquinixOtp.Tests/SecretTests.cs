using System.Collections;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>A call leaves no secret in the streams, in the console or in <c>$Error</c> with its object graph.</summary>
public class SecretTests
{
    [Theory]
    [InlineData("Confirm-MetalOtp $otp @api -ErrorAction Stop")]
    [InlineData("'111111', $otp | Confirm-MetalOtp @api -ErrorAction Stop")]
    [InlineData("try { Confirm-MetalOtp $otp @api -ErrorAction Stop } catch { throw }")]
    [InlineData("try { Confirm-MetalOtp $otp @api -ErrorAction Stop } catch { throw $_ }")]
    [InlineData("""
        try { Confirm-MetalOtp $otp @api -ErrorAction Stop }
        catch { throw [InvalidOperationException]::new('wrapped', $_.Exception) }
        """)]
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
    public async Task Error_leaves_no_secret_when_thrown_stored_or_redirected(string script)
    {
        await using LoopbackServer server = Echo();
        using Shell shell = CreateShell(server.BaseUrl);

        Outcome outcome = shell.RunInConsole(script);

        Assert.NotEmpty(Assert.IsType<ArrayList>(shell["Error"]));
        Residue.AssertContainsNoSecret(shell, [outcome]);
    }

    [Fact]
    public void Refused_connection_leaves_no_secret()
    {
        using Socket port = LoopbackServer.ReservePort();

        AssertLeavesNoSecret(new Uri($"http://{port.LocalEndPoint}"));
    }

    [Fact]
    public async Task Untrusted_certificate_leaves_no_secret()
    {
        using X509Certificate2 certificate = Certificates.Create(authority: null);
        await using var server = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), certificate);

        AssertLeavesNoSecret(server.BaseUrl);

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Error_of_a_proxy_leaves_no_secret()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(request => Response.Create(
            407,
            $$"""{"errors":["{{Canary.Token}}", "{{Canary.ProxyPassword}}", "{{request.Header("Proxy-Authorization")}}"]}""",
            "Proxy-Authenticate: Basic realm=\"x\""));
        using Shell shell = CreateShell(new Uri("http://127.0.0.1:9"));
        shell["proxy"] = proxy.BaseUrl.GetLeftPart(UriPartial.Authority);

        Outcome outcome = shell.RunInConsole("Get-MetalRecoveryCode @api -Proxy $proxy -ProxyCredential $credential -Verbose -Debug");

        Assert.Equal(2, proxy.Requests.Count);
        Residue.AssertContainsNoSecret(shell, [outcome]);
    }

    [Fact]
    public async Task Stop_leaves_no_secret()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using Shell shell = CreateShell(server.BaseUrl);
        using PowerShell call = shell.Create("Confirm-MetalOtp $otp @api -Verbose -Debug");
        IAsyncResult running = call.BeginInvoke();
        await server.BecomesUnresponsiveAsync();

        call.Stop();

        PipelineStoppedException stopped = Assert.Throws<PipelineStoppedException>(() => call.EndInvoke(running));
        Residue.AssertContainsNoSecret(shell, [new Outcome([], call, null)]);
        Assert.Empty(new SecretHunt().Find(stopped));
    }

    /// <summary>PowerShell keeps the caller's line, which contains the names of variables and not their values.</summary>
    [Fact]
    public async Task Error_contains_the_callers_line_and_no_bound_value()
    {
        await using LoopbackServer server = Echo();
        using Shell shell = CreateShell(server.BaseUrl);

        InvocationInfo invocation = Assert.Single(shell.Run("Confirm-MetalOtp $otp @api").Errors).InvocationInfo;

        Assert.Equal("Confirm-MetalOtp $otp @api", invocation.Line);
        Assert.Empty(invocation.BoundParameters);
        Assert.Empty(invocation.UnboundArguments);
    }

    [Fact]
    public async Task Verbose_and_debug_streams_contain_no_recovery_code()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        string[] codes = [.. emulator.Accounts[0].RecoveryCodes];

        Outcome outcome = shell.Run("Get-MetalRecoveryCode -AsPlainText @api -Verbose -Debug");

        Assert.Equal(codes, outcome.Success);
        Assert.DoesNotContain(outcome.Verbose.Concat(outcome.Debug).Append(shell.Host.Text), text => codes.Any(text.Contains));
    }

    /// <summary>PowerShell transcribes each bound value of a JEA session, and of a pipeline that a host builds.</summary>
    [Fact]
    public async Task Transcript_of_bound_parameters_contains_no_OTP()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using Shell shell = CreateShell(server.BaseUrl);
        await using Transcript transcript = await Transcript.StartAsync(shell);
        var api = (System.Collections.IDictionary)shell["api"]!;
        foreach (object otp in new object[] { Canary.Otp, Secret.Secure(Canary.Otp) })
        {
            using var call = PowerShell.Create(shell.Runspace);
            call.AddCommand("Confirm-MetalOtp").AddParameter("Otp", otp).AddParameters(api).Invoke();
            using var piped = PowerShell.Create(shell.Runspace);
            piped.AddCommand("Confirm-MetalOtp").AddParameters(api).Invoke(new[] { otp });
        }

        string text = await transcript.ReadAsync();

        Assert.Contains("name=\"Otp\"; value=\"System.Security.SecureString\"", text, StringComparison.Ordinal);
        Assert.False(new SecretHunt().IsIn(text), text);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Trace_of_parameter_binding_contains_no_SecureString()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using Shell shell = CreateShell(server.BaseUrl);
        shell["wrapped"] = Secret.Secure(Canary.Otp);
        var listener = new StringWriter();
        using var writer = new System.Diagnostics.TextWriterTraceListener(listener);
        var binding = (PSTraceSource)typeof(PSTraceSource)
            .GetMethod("GetTracer", BindingFlags.Static | BindingFlags.NonPublic, [typeof(string), typeof(string)])!
            .Invoke(null, ["ParameterBinding", "ParameterBinding"])!;
        binding.Options = PSTraceSourceOptions.All;
        binding.Listeners.Add(writer);
        try
        {
            _ = shell.Run("""
                $wrapped | Confirm-MetalOtp @api
                Confirm-MetalOtp $wrapped @api
                [pscustomobject]@{ Code = $wrapped } | Confirm-MetalOtp @api
                """).Success;
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
    public async Task Generated_proxy_function_sends_a_SecureString_and_refuses_text(string script, bool isSent)
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

    private static void AssertLeavesNoSecret(Uri url)
    {
        using Shell shell = CreateShell(url);
        string firstCode = Canary.CodeAt(DateTimeOffset.UtcNow);

        Outcome[] outcomes = [.. Scripts.WithSecrets.Select(call => shell.Run(call.Script + " @api -Verbose -Debug"))];

        Assert.All(outcomes, outcome => Assert.Equal([MetalErrorIds.ConnectionFailed], outcome.ErrorIds));
        Residue.AssertContainsNoSecret(shell, outcomes, null, firstCode, Canary.CodeAt(DateTimeOffset.UtcNow));
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
