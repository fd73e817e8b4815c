using System.Reflection;
using System.Runtime.Loader;

namespace EquinixOtp.Tests;

[Collection<Load>]
public class CmdletLoadTests
{
    [Fact]
    public async Task Twenty_thousand_calls_do_not_grow_memory_handles_or_threads()
    {
        const int Runspaces = 4;
        await using LoopbackServer server = LoopbackServer.Echoing(keepsRequests: false);
        Shell[] shells = [.. Enumerable.Range(0, Runspaces).Select(_ => new Shell(server.BaseUrl))];
        await CallAsync(4_000);
        Level before = Level.Now();

        await CallAsync(16_000);

        Level.Now().AssertIsNotAbove(before);
        // The pool can open a connection while another becomes free.
        Assert.InRange(server.ConnectionCount, 1, 2 * Runspaces);
        foreach (Shell shell in shells)
        {
            shell.Dispose();
        }

        Task CallAsync(int calls) => Task.WhenAll(shells.Select(async shell =>
            Assert.Equal([calls / Runspaces], (await shell.RunAsync($$"""
                $done = 0
                foreach ($i in 1..{{calls / Runspaces / Scripts.All.Length}}) {
                    {{string.Concat(Scripts.All.Select(script => $"$null = {script} @api; $done += $?\n"))}}
                }
                $done
                """)).Success)));
    }

    [Fact]
    public async Task Static_fields_contain_secrets_only_in_the_buffers_of_pooled_connections()
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(200, $$"""{"recovery_codes":["{{Canary.RecoveryCodes[0]}}"],"token":"{{Canary.SessionToken}}"}"""));
        using var shell = new Shell(server.BaseUrl);
        shell.SetSecrets();
        Assert.All(Scripts.WithSecrets, call => _ = shell.Run(call.Script + " @api").Success);
        object?[] statics =
        [
            .. from assembly in AssemblyLoadContext.All.SelectMany(context => context.Assemblies)
               where assembly.Location.StartsWith(Checkout.Bin, StringComparison.Ordinal)
                   || assembly.GetName().Name is "System.Net.Http" or "System.Text.Json"
               from type in assembly.GetTypes()
               where !type.ContainsGenericParameters
               from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
               where !field.IsLiteral && !field.FieldType.IsPointer && !field.FieldType.IsByRefLike
               select field.GetValue(null),
        ];
        Assert.NotEmpty(statics);

        // For some seconds, .NET can reference a call that another test stopped during a handshake.
        await Condition.IsTrueAsync(() => new SecretHunt().Find(statics).All(
            path => path.EndsWith("._writeBuffer._bytes", StringComparison.Ordinal)
                || path.EndsWith("._readBuffer._bytes", StringComparison.Ordinal)));
        Assert.NotEmpty(new SecretHunt().Find(statics));
    }
}
