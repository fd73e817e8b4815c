using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;

namespace EquinixOtp.Emulator;

internal static class Program
{
    private static readonly Option<int> s_port = new("--port")
    {
        Description = "The loopback port to listen on; 0 selects a free port.",
        DefaultValueFactory = _ => EmulatorOptions.DefaultPort,
    };

    private static readonly Option<string[]> s_token = new("--token")
    {
        Description = "An API token. Repeat the option for several accounts. Default: one random token.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> s_totpSecret = new("--totp-secret")
    {
        Description = "The TOTP secret of all accounts in base32. Default: random.",
    };

    private static readonly Option<bool> s_sessionTokens = new("--session-tokens")
    {
        Description = "Respond to a valid OTP with 200 and a session token instead of an empty 204.",
    };

    private static readonly Option<int?> s_rateLimit = new("--rate-limit")
    {
        Description = "The maximum number of requests per account and minute. Default: no limit.",
    };

    private static readonly Option<int> s_latency = new("--latency")
    {
        Description = "The delay in milliseconds before each request is handled.",
    };

    private static readonly Option<string[]> s_fault = new("--fault")
    {
        Description = $"A fault: name, operation:name, operation:name:count, or JSON. Repeat the option for several faults. "
            + $"Names: {string.Join(", ", FaultResolver.Names)}.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int?> s_seed = new("--seed")
    {
        Description = "Make codes and tokens repeatable. UNSAFE: they become predictable.",
    };

    private static readonly Option<string> s_output = new("--output")
    {
        Description = "text: one 'Name: value' per line. json: one JSON object per line.",
        DefaultValueFactory = _ => "text",
    };

    private static Task<int> Main(string[] args)
    {
        s_output.AcceptOnlyFromAmong("text", "json");
        RootCommand command = new("Runs an emulator of the Equinix Metal OTP API on a loopback port until Ctrl+C or SIGTERM.")
        {
            s_port, s_token, s_totpSecret, s_sessionTokens, s_rateLimit, s_latency, s_fault, s_seed, s_output,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            List<Fault> faults = [];
            foreach (string text in parsed.GetValue(s_fault)!)
            {
                if (FaultResolver.Parse(text, out string? problem) is not { } fault)
                {
                    return Task.FromResult(Fail(problem!));
                }

                faults.Add(fault);
            }

            var options = new EmulatorOptions
            {
                Port = parsed.GetValue(s_port),
                Tokens = parsed.GetValue(s_token)!,
                TotpSecret = parsed.GetValue(s_totpSecret),
                SessionTokens = parsed.GetValue(s_sessionTokens),
                RateLimit = parsed.GetValue(s_rateLimit),
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(s_latency)),
                Faults = faults,
                Seed = parsed.GetValue(s_seed),
            };
            return RunAsync(options, parsed.GetValue(s_output) == "json", cancellationToken);
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(EmulatorOptions options, bool asJson, CancellationToken cancellationToken)
    {
        if (options.FindProblem() is { } problem)
        {
            return Fail(problem);
        }

        // The buffer holds a whole line; the default writer writes long lines in parts.
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), bufferSize: 8192) { AutoFlush = true });
        MetalEmulator emulator;
        try
        {
            emulator = await MetalEmulator.StartAsync(options, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return Fail($"Cannot listen on port {options.Port}: {exception.Message} Use --port with another port, or 0 for a free port.");
        }

        await using (emulator.ConfigureAwait(false))
        {
            bool several = emulator.Accounts.Count > 1;
            emulator.SmsSent += (_, sms) => Console.WriteLine(
                asJson ? JsonSerializer.Serialize(new { sms = new { account = sms.Account.Number, sms.Code } }, EmulatorJson.Options)
                : several ? $"SMS: {sms.Code} (account {sms.Account.Number})"
                : $"SMS: {sms.Code}");
            if (asJson)
            {
                var accounts = emulator.Accounts
                    .Select(account => new { account.Number, account.Token, account.TotpSecret, account.TotpUri });
                Console.WriteLine(JsonSerializer.Serialize(new { emulator.Url, emulator.AdminUrl, accounts }, EmulatorJson.Options));
            }
            else
            {
                WriteText(emulator, several);
            }

            // Ctrl+C and SIGTERM cancel the token.
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }

    private static void WriteText(MetalEmulator emulator, bool several)
    {
        Console.WriteLine($"URL: {emulator.Url}");
        Console.WriteLine($"Admin URL: {emulator.AdminUrl}");
        foreach (EmulatedAccount account in emulator.Accounts)
        {
            if (several)
            {
                Console.WriteLine($"Account: {account.Number}");
            }

            Console.WriteLine($"Token: {account.Token}");
            Console.WriteLine($"TOTP secret: {account.TotpSecret}");
            Console.WriteLine($"TOTP URI: {account.TotpUri}");
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
