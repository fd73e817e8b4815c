using OtpNet;

namespace EquinixOtp.Emulator;

/// <summary>A user account of a <see cref="MetalEmulator"/> with its second factors. This type is thread-safe.</summary>
public sealed class EmulatedAccount
{
    internal const int SmsCapacity = 100;
    internal const int SessionCapacity = 100;

    private const int TotpPeriodSeconds = 30;

    private static readonly TimeSpan s_smsLifetime = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Func<SecretGenerator> _newGenerator;
    private readonly string _initialTotpSecret;
    private readonly IReadOnlyList<string> _initialRecoveryCodes;
    private readonly List<SmsMessage> _sms = [];
    private readonly List<Session> _sessions = [];
    private SecretGenerator _generator;
    private List<string> _recoveryCodes;
    private string _totpSecret;
    private Totp _totp;
    private (long Step, string Code)[] _totpCodes = [];
    private long _lastTotpStep = -1;
    private long _latestSmsTimestamp;
    private TaskCompletionSource _smsSent = NewSignal();

    internal EmulatedAccount(
        int number,
        string token,
        string totpSecret,
        IReadOnlyList<string> recoveryCodes,
        Func<SecretGenerator> newGenerator,
        TimeProvider time)
    {
        Number = number;
        Token = token;
        _totpSecret = _initialTotpSecret = totpSecret;
        _totp = new(Base32Encoding.ToBytes(totpSecret));
        _initialRecoveryCodes = recoveryCodes;
        _recoveryCodes = [.. recoveryCodes];
        _newGenerator = newGenerator;
        _generator = newGenerator();
        _time = time;
    }

    /// <summary>The account's number, starting at 1.</summary>
    public int Number { get; }

    /// <summary>The API token, the value of the header <c>X-Auth-Token</c>.</summary>
    public string Token { get; }

    /// <summary>The TOTP secret in base32, upper case, without padding.</summary>
    public string TotpSecret
    {
        get
        {
            lock (_lock)
            {
                return _totpSecret;
            }
        }
    }

    /// <summary>The TOTP secret as an <c>otpauth://totp/</c> URI for authenticator apps.</summary>
    public Uri TotpUri =>
        new($"otpauth://totp/EquinixOtp:account{Number}?secret={TotpSecret}&issuer=EquinixOtp&algorithm=SHA1&digits=6&period=30");

    /// <summary>A snapshot of the valid recovery codes.</summary>
    public IReadOnlyList<string> RecoveryCodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _recoveryCodes];
            }
        }
    }

    /// <summary>A snapshot of the codes of the last 100 SMS, oldest first, including used and expired codes.</summary>
    public IReadOnlyList<string> SmsCodes => [.. Sms.Select(sms => sms.Code)];

    internal IReadOnlyList<SmsMessage> Sms
    {
        get
        {
            lock (_lock)
            {
                return [.. _sms];
            }
        }
    }

    internal SmsMessage? LatestSms
    {
        get
        {
            lock (_lock)
            {
                return _sms.LastOrDefault();
            }
        }
    }

    internal IReadOnlyList<Session> Sessions
    {
        get
        {
            lock (_lock)
            {
                return [.. _sessions];
            }
        }
    }

    internal string SendSms()
    {
        lock (_lock)
        {
            var sms = new SmsMessage(_generator.NewSmsCode(), _time.GetUtcNow(), Used: false);
            AddBounded(_sms, sms, SmsCapacity);
            _latestSmsTimestamp = _time.GetTimestamp();
            _smsSent.SetResult();
            _smsSent = NewSignal();
            return sms.Code;
        }
    }

    /// <summary>Waits until the code of the latest SMS is valid. Returns null after the timeout.</summary>
    internal async Task<SmsMessage?> WaitForSmsAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task expired = Task.Delay(timeout, _time, stop.Token);
        while (true)
        {
            Task sent;
            lock (_lock)
            {
                if (FindValidSms() is { } sms)
                {
                    stop.Cancel();
                    return sms;
                }

                sent = _smsSent.Task;
            }

            if (await Task.WhenAny(sent, expired).ConfigureAwait(false) == expired)
            {
                return null;
            }
        }
    }

    internal IReadOnlyList<string> ResetRecoveryCodes()
    {
        lock (_lock)
        {
            _recoveryCodes = [.. _generator.NewRecoveryCodes()];
            return [.. _recoveryCodes];
        }
    }

    internal void SetRecoveryCodes(IReadOnlyList<string> codes)
    {
        lock (_lock)
        {
            _recoveryCodes = [.. codes];
        }
    }

    internal void SetTotpSecret(string secret)
    {
        lock (_lock)
        {
            _totpSecret = secret;
            _totp = new(Base32Encoding.ToBytes(secret));
            _totpCodes = [];
            _lastTotpStep = -1;
        }
    }

    /// <summary>Opens a session. Returns its token and, if the account had 100 sessions, the token of the oldest, which ends.</summary>
    internal (string Token, string? Ended) OpenSession()
    {
        lock (_lock)
        {
            var session = new Session(_generator.NewToken(), _time.GetUtcNow());
            return (session.Token, AddBounded(_sessions, session, SessionCapacity)?.Token);
        }
    }

    /// <summary>Ends all sessions and returns their tokens.</summary>
    internal IReadOnlyList<string> EndSessions()
    {
        lock (_lock)
        {
            string[] tokens = [.. _sessions.Select(session => session.Token)];
            _sessions.Clear();
            return tokens;
        }
    }

    /// <summary>Restores the initial state.</summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _generator = _newGenerator();
            _recoveryCodes = [.. _initialRecoveryCodes];
            _sms.Clear();
            _sessions.Clear();
            SetTotpSecret(_initialTotpSecret);
        }
    }

    /// <summary>Returns whether the OTP is valid, and marks a valid OTP as used.</summary>
    internal bool Verify(string otp)
    {
        lock (_lock)
        {
            return UseTotp(otp) || UseSmsCode(otp) || _recoveryCodes.Remove(otp);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static T? AddBounded<T>(List<T> list, T item, int capacity)
        where T : class
    {
        T? removed = null;
        if (list.Count == capacity)
        {
            removed = list[0];
            list.RemoveAt(0);
        }

        list.Add(item);
        return removed;
    }

    private bool UseTotp(string otp)
    {
        foreach ((long step, string code) in GetTotpCodes())
        {
            if (code == otp && step > _lastTotpStep)
            {
                _lastTotpStep = step;
                return true;
            }
        }

        return false;
    }

    // The codes of the current step and of one step on each side. Cached, because computing them dominates the cost of a request.
    private (long Step, string Code)[] GetTotpCodes()
    {
        long current = _time.GetUtcNow().ToUnixTimeSeconds() / TotpPeriodSeconds;
        if (_totpCodes is not [_, (long cached, _), _] || cached != current)
        {
            _totpCodes =
            [
                .. Enumerable.Range(-1, 3).Select(offset => current + offset)
                    .Select(step => (step, _totp.ComputeTotp(DateTime.UnixEpoch.AddSeconds(step * TotpPeriodSeconds)))),
            ];
        }

        return _totpCodes;
    }

    private bool UseSmsCode(string otp)
    {
        if (FindValidSms() is not { } sms || sms.Code != otp)
        {
            return false;
        }

        _sms[^1] = sms with { Used = true };
        return true;
    }

    private SmsMessage? FindValidSms() =>
        _sms is [.., { Used: false } latest] && _time.GetElapsedTime(_latestSmsTimestamp) < s_smsLifetime ? latest : null;
}
