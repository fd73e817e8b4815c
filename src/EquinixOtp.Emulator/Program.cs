using System.CommandLine;
using System.Net.Sockets;

namespace EquinixOtp.Emulator;

internal static class Program
{
    private static readonly Option<int> s_port = new("--port")
    {
        Description = "The loopback port to listen on; 0 takes a free one.",
        DefaultValueFactory = _ => EmulatorOptions.DefaultPort,
    };

    private static readonly Option<string[]> s_token = new("--token")
    {
        Description = "An API token; repeat it for several accounts. Random when left out.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> s_totpSecret = new("--totp-secret")
    {
        Description = "The TOTP secret of all accounts, in base32. Random when left out.",
    };

    private static readonly Option<bool> s_sessionTokens = new("--session-tokens")
    {
        Description = "Answer a right OTP with a session token instead of an empty 204.",
    };

    private static readonly Option<int?> s_rateLimit = new("--rate-limit")
    {
        Description = "The calls per minute an account may make. No limit when left out.",
    };

    private static readonly Option<int> s_latency = new("--latency")
    {
        Description = "The milliseconds that each call waits before it is handled.",
    };

    private static Task<int> Main(string[] args)
    {
        RootCommand command = new("An emulator of the Equinix Metal OTP API, on loopback.")
        {
            s_port, s_token, s_totpSecret, s_sessionTokens, s_rateLimit, s_latency,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new()
            {
                Port = parsed.GetValue(s_port),
                Tokens = parsed.GetValue(s_token)!,
                TotpSecret = parsed.GetValue(s_totpSecret),
                SessionTokens = parsed.GetValue(s_sessionTokens),
                RateLimit = parsed.GetValue(s_rateLimit),
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(s_latency)),
            },
            cancellationToken));
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(EmulatorOptions options, CancellationToken cancellationToken)
    {
        if (options.FindProblem() is { } problem)
        {
            return Fail(problem);
        }

        MetalEmulator emulator;
        try
        {
            emulator = await MetalEmulator.StartAsync(options, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return Fail($"Can't listen on port {options.Port}: {exception.Message} Choose another with --port, or 0 for a free one.");
        }

        await using (emulator.ConfigureAwait(false))
        {
            bool several = emulator.Accounts.Count > 1;
            emulator.SmsSent += (_, sms) => Console.WriteLine(several ? $"SMS: {sms.Code} (account {sms.Account.Number})" : $"SMS: {sms.Code}");
            Console.WriteLine($"URL: {emulator.Url}");
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

            // Ctrl+C and SIGTERM cancel the token.
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
