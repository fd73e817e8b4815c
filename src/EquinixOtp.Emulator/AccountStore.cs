using System.Collections.Concurrent;

namespace EquinixOtp.Emulator;

/// <summary>The accounts of an emulator and their valid tokens.</summary>
internal sealed class AccountStore
{
    internal const int Capacity = 1000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, TokenOwner> _owners = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly int? _seed;
    private readonly string _totpSecret;
    private readonly IReadOnlyList<EmulatedAccount> _initialAccounts;
    private volatile IReadOnlyList<EmulatedAccount> _accounts;

    internal AccountStore(EmulatorOptions options, TimeProvider time)
    {
        _time = time;
        _seed = options.Seed;
        _totpSecret = Normalize(options.TotpSecret) ?? new SecretGenerator(_seed, 0).NewTotpSecret();
        _accounts = _initialAccounts =
        [
            .. Enumerable.Range(1, Math.Max(1, options.Tokens.Count))
                .Select(number => Create(number, options.Tokens.ElementAtOrDefault(number - 1), totpSecret: null)),
        ];
        RegisterTokens();
    }

    /// <summary>A snapshot of the accounts, in the order of their numbers.</summary>
    internal IReadOnlyList<EmulatedAccount> Accounts => _accounts;

    internal TokenOwner? FindOwner(string token) => _owners.GetValueOrDefault(token);

    internal EmulatedAccount? Find(int number) => number >= 1 && number <= _accounts.Count ? _accounts[number - 1] : null;

    /// <summary>Adds an account. Returns null and sets <paramref name="problem"/> if the account cannot be added.</summary>
    internal EmulatedAccount? Add(string? token, string? totpSecret, out string? problem)
    {
        lock (_lock)
        {
            problem = _accounts.Count >= Capacity ? $"At most {Capacity} accounts can exist."
                : token is not null && _owners.ContainsKey(token) ? "The token belongs to another account."
                : null;
            if (problem is not null)
            {
                return null;
            }

            EmulatedAccount account = Create(_accounts.Count + 1, token, totpSecret);
            _owners[account.Token] = new(account, IsSession: false);
            _accounts = [.. _accounts, account];
            return account;
        }
    }

    internal string OpenSession(EmulatedAccount account)
    {
        lock (_lock)
        {
            (string token, string? ended) = account.OpenSession();
            _owners[token] = new(account, IsSession: true);
            if (ended is not null)
            {
                _owners.TryRemove(ended, out _);
            }

            return token;
        }
    }

    internal bool IsTokenValid(EmulatedAccount account) => _owners.ContainsKey(account.Token);

    internal void RevokeToken(EmulatedAccount account) => _owners.TryRemove(account.Token, out _);

    internal void RevokeSessions(EmulatedAccount account)
    {
        lock (_lock)
        {
            foreach (string token in account.EndSessions())
            {
                _owners.TryRemove(token, out _);
            }
        }
    }

    /// <summary>Restores the initial accounts and their initial state.</summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _owners.Clear();
            _accounts = _initialAccounts;
            foreach (EmulatedAccount account in _accounts)
            {
                account.Reset();
            }

            RegisterTokens();
        }
    }

    internal static string? Normalize(string? totpSecret) => totpSecret?.TrimEnd('=').ToUpperInvariant();

    private void RegisterTokens()
    {
        foreach (EmulatedAccount account in _accounts)
        {
            _owners[account.Token] = new(account, IsSession: false);
        }
    }

    private EmulatedAccount Create(int number, string? token, string? totpSecret)
    {
        // Two sequences per account: a reset restarts the second one and leaves the initial token and codes unchanged.
        var initial = new SecretGenerator(_seed, 2 * number);
        return new(
            number,
            token ?? initial.NewToken(),
            Normalize(totpSecret) ?? _totpSecret,
            initial.NewRecoveryCodes(),
            () => new SecretGenerator(_seed, (2 * number) + 1),
            _time);
    }
}

/// <summary>The account that a valid token belongs to.</summary>
/// <param name="Account">The account.</param>
/// <param name="IsSession">Whether the token is a session token rather than the API token.</param>
internal sealed record TokenOwner(EmulatedAccount Account, bool IsSession);
