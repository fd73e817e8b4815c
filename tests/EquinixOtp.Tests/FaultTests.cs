using System.Collections;
using System.Net;

namespace EquinixOtp.Tests;

/// <summary>
/// Every fault of <see cref="Faults"/> as a caller of the cmdlets meets it, straight and by a proxy that has a password: the
/// contract's id or success, and no secret in anything that is left.
/// </summary>
public class FaultTests
{
    private static readonly bool[] s_proxied = [false, true];

    public static TheoryData<string> Names => new(Faults.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_fault_has_its_outcome_and_leaves_no_secret_behind(string name)
    {
        Fault fault = Faults.All[name];
        bool isSlow = Scripts.WithSecrets.Any(call => fault.ErrorId(call.Operation) == MetalErrorIds.Timeout);
        await Task.WhenAll(
            from calls in Scripts.WithSecrets.Chunk(isSlow ? 1 : Scripts.WithSecrets.Length)
            from proxied in s_proxied
            select MakeAsync(calls, fault, isSlow, proxied));
    }

    private static async Task MakeAsync((string Script, Operation Operation)[] calls, Fault fault, bool isSlow, bool proxied)
    {
        await using var server = new LoopbackServer(connection => fault.Serve(connection, Task.Delay), asksForPassword: proxied);
        using var shell = new Shell(proxied ? new Uri("http://127.0.0.1:9/metal/v1") : server.BaseUrl);
        await using Transcript transcript = await Transcript.StartAsync(shell);
        shell.SetSecrets();
        shell["proxy"] = proxied ? new Hashtable { ["Proxy"] = server.BaseUrl.GetLeftPart(UriPartial.Authority), ["ProxyCredential"] = shell["credential"] } : [];
        var outcomes = new List<Outcome>();
        string firstCode = Canary.CodeAt(DateTimeOffset.UtcNow);

        foreach ((string script, Operation operation) in calls)
        {
            // Merged and shown as a console does, since a transcript has what was shown.
            int timeout = fault.ErrorId(operation) == MetalErrorIds.Timeout ? 1 : 30;
            outcomes.Add(await shell.RunAsync($"{script} @api @proxy -TimeoutSec {timeout} -Verbose -Debug 2>&1 | Out-Default"));
            await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        }

        string[] codes = [firstCode, Canary.CodeAt(DateTimeOffset.UtcNow)];
        string text = await transcript.ReadAsync();
        Residue.AssertHoldsNoSecret(shell, outcomes, text, codes);
        Assert.Empty(outcomes.SelectMany(outcome => outcome.Errors));
        ErrorRecord[] errors = [.. Assert.IsType<ArrayList>(shell["Error"]).Cast<ErrorRecord>().Reverse()];
        Assert.Equal(calls.Select(call => fault.ErrorId(call.Operation)).OfType<string>(), errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        string transcribed = WithoutSpace(text);
        Assert.All(
            outcomes.SelectMany(outcome => outcome.Verbose.Concat(outcome.Debug)).Concat(errors.Select(error => error.ErrorDetails.Message)),
            line => Assert.Contains(WithoutSpace(line), transcribed, StringComparison.Ordinal));

        int requests = fault.ReadsRequest ? calls.Length * (proxied ? 2 : 1) : 0;
        // A busy machine may not come to send within a second.
        Assert.InRange(server.Requests.Count, isSlow ? 0 : requests, requests);
        Assert.All(
            server.Requests.Select(request => request.Target.Split("/verify/")).Where(parts => parts.Length > 1),
            parts => Assert.Contains(WebUtility.UrlDecode(parts[1]), codes.Append(Canary.Otp)));
    }

    private static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
