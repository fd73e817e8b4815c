using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

/// <summary>Concurrent runspaces, which share the module's connections.</summary>
public class ConcurrencyTests
{
    [Fact]
    public async Task Concurrent_runspaces_receive_their_own_responses()
    {
        const int Runspaces = 8;
        const int Calls = 500;
        string[] tokens = [.. Enumerable.Range(0, Runspaces).Select(i => $"tokenOfRunspace{i}")];
        await using MetalEmulator emulator = await MetalEmulator.StartAsync(
            new EmulatorOptions { Port = 0, Tokens = tokens }, cancellationToken: TestContext.Current.CancellationToken);

        // Only this runspace changes the codes of its account, so it knows the current ones.
        int[] right = await Task.WhenAll(tokens.Select(token => Task.Run(() =>
        {
            using var shell = new Shell(emulator.Url, token);
            return (int)Assert.Single(shell.Run($$"""
                $codes = Get-MetalRecoveryCode -AsPlainText @api
                $right = 1
                while ($right -lt {{Calls}}) {
                    if ($right % 5 -eq 0) { $codes = Reset-MetalRecoveryCode -Confirm:$false -AsPlainText @api }
                    elseif ("$(Get-MetalRecoveryCode -AsPlainText @api)" -ne "$codes") { break }
                    $right++
                }
                $right
                """).Success)!;
        })));

        Assert.All(right, count => Assert.Equal(Calls, count));
    }

    [Fact]
    public async Task Removing_the_module_in_other_runspaces_does_not_affect_calls()
    {
        const int Runspaces = 8;
        const int Calls = 500;
        using var underWay = new CountdownEvent(Runspaces);
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopbackServer(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    string token = request.Header("X-Auth-Token")!;
                    if (token.EndsWith($"-{Calls / 2}", StringComparison.Ordinal))
                    {
                        underWay.Signal();
                        await removed.Task;
                    }

                    await connection.WriteAsync(Response.Json(200, $$"""{"recovery_codes":["{{token}}"]}"""));
                }
            },
            keepsRequests: false);
        Task<int[]> right = Task.WhenAll(Enumerable.Range(0, Runspaces).Select(async i =>
        {
            using var shell = new Shell(server.BaseUrl);
            return (int)Assert.Single((await shell.RunAsync($$"""
                $right = 0
                foreach ($call in 1..{{Calls}}) {
                    $token = "token-{{i}}-$call"
                    $api.Token = [System.Net.NetworkCredential]::new('', $token).SecurePassword
                    $code = if ($call % 2) {
                        Reset-MetalRecoveryCode -Confirm:$false -AsPlainText @api
                    } else {
                        Get-MetalRecoveryCode -AsPlainText @api
                    }
                    $right += $token -eq $code
                }
                $right
                """)).Success)!;
        }));
        Shell[] others = [.. Enumerable.Range(0, Runspaces).Select(_ => new Shell())];
        await Condition.IsTrueAsync(() => underWay.IsSet);

        foreach (Shell other in others)
        {
            _ = other.Run("Remove-Module EquinixOtp").Success;
            other.Dispose();
        }

        removed.SetResult();
        Assert.All(await right, count => Assert.Equal(Calls, count));
    }

    [Fact]
    public async Task Pipeline_that_removes_the_module_completes()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run("""
            '111111', '222222', '333333' | Confirm-MetalOtp -Quiet @api | ForEach-Object {
                Remove-Module EquinixOtp -ErrorAction Ignore
                $_
            }
            """);

        Assert.Equal([true, true, true], outcome.Success);
        Assert.Equal(["CommandNotFoundException"], shell.Run("Confirm-MetalOtp 123456 @api").ErrorIds);
    }
}
