using System.Collections;
using System.Net;

namespace EquinixOtp.Tests;

/// <summary>Calls of the cmdlets to each fault of <see cref="Faults"/>, directly and through a proxy with a password.</summary>
public class FaultTests
{
    private static readonly bool[] s_proxied = [false, true];

    public static TheoryData<string> Names => new(Faults.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Server_fault_maps_to_the_expected_error_and_leaves_no_secret(string name)
    {
        Fault fault = Faults.All[name];
        bool isSlow = Scripts.WithSecrets.Any(call => fault.ErrorId(call.Operation) == MetalErrorIds.Timeout);
        await Task.WhenAll(
            from calls in Scripts.WithSecrets.Chunk(isSlow ? 1 : Scripts.WithSecrets.Length)
            from proxied in s_proxied
            select CallAsync(calls, fault, isSlow, proxied));
    }

    private static async Task CallAsync((string Script, Operation Operation)[] calls, Fault fault, bool isSlow, bool proxied)
    {
        await using var server = new LoopbackServer(connection => fault.Serve(connection, Task.Delay), asksForPassword: proxied);
        using var shell = new Shell(proxied ? new Uri("http://127.0.0.1:9/metal/v1") : server.BaseUrl);
        await using Transcript transcript = await Transcript.StartAsync(shell);
        shell.SetSecrets();
        shell["proxy"] = proxied
            ? new Hashtable { ["Proxy"] = server.BaseUrl.GetLeftPart(UriPartial.Authority), ["ProxyCredential"] = shell["credential"] }
            : [];
        var outcomes = new List<Outcome>();
        string firstCode = Canary.CodeAt(DateTimeOffset.UtcNow);

        foreach ((string script, Operation operation) in calls)
        {
            // Displayed as in a console, because a transcript contains the displayed text.
            int timeout = fault.ErrorId(operation) == MetalErrorIds.Timeout ? 1 : 30;
            outcomes.Add(await shell.RunAsync($"{script} @api @proxy -TimeoutSec {timeout} -Verbose -Debug 2>&1 | Out-Default"));
            await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        }

        string[] codes = [firstCode, Canary.CodeAt(DateTimeOffset.UtcNow)];
        string text = await transcript.ReadAsync();
        Residue.AssertContainsNoSecret(shell, outcomes, text, codes);
        Assert.Empty(outcomes.SelectMany(outcome => outcome.Errors));
        ErrorRecord[] errors = [.. Assert.IsType<ArrayList>(shell["Error"]).Cast<ErrorRecord>().Reverse()];
        Assert.Equal(
            calls.Select(call => fault.ErrorId(call.Operation)).OfType<string>(),
            errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        string transcribed = WithoutSpace(text);
        Assert.All(
            [
                .. outcomes.SelectMany(outcome => outcome.Verbose.Concat(outcome.Debug)),
                .. errors.Select(error => error.ErrorDetails.Message),
            ],
            line => Assert.Contains(WithoutSpace(line), transcribed, StringComparison.Ordinal));

        int requests = fault.ReadsRequest ? calls.Length * (proxied ? 2 : 1) : 0;
        // On a busy machine, an attempt can time out before it sends its request.
        Assert.InRange(server.Requests.Count, isSlow ? 0 : requests, requests);
        Assert.All(
            server.Requests.Select(request => request.Target.Split("/verify/")).Where(parts => parts.Length > 1),
            parts => Assert.Contains(WebUtility.UrlDecode(parts[1]), codes.Append(Canary.Otp)));
    }

    private static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
