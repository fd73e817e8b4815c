using System.Security.Cryptography;
using OtpNet;

namespace EquinixOtp.Emulator;

/// <summary>A user account of a <see cref="MetalEmulator"/>: its second factors and what became of them. Safe for concurrent use.</summary>
public sealed class EmulatedAccount
{
    private const int RecoveryCodeCount = 10;
    private static readonly TimeSpan s_smsLifetime = TimeSpan.FromMinutes(5);
    private static readonly VerificationWindow s_oneStepEachSide = new(previous: 1, future: 1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Totp _totp;
    private readonly List<string> _smsCodes = [];
    private List<string> _recoveryCodes = NewRecoveryCodes();
    private long _lastTotpStep = -1;
    private string? _pendingSmsCode;
    private long _smsSentAt;

    internal EmulatedAccount(int number, string token, string totpSecret, TimeProvider time)
    {
        Number = number;
        Token = token;
        TotpSecret = totpSecret;
        TotpUri = new($"otpauth://totp/EquinixOtp:account{number}?secret={totpSecret}&issuer=EquinixOtp&algorithm=SHA1&digits=6&period=30");
        _totp = new(Base32Encoding.ToBytes(totpSecret));
        _time = time;
    }

    /// <summary>The account's place among the emulator's accounts, from 1.</summary>
    public int Number { get; }

    /// <summary>The API token, as <c>X-Auth-Token</c> carries it.</summary>
    public string Token { get; }

    /// <summary>The TOTP secret in base32, upper case, without padding.</summary>
    public string TotpSecret { get; }

    /// <summary>The TOTP secret as the <c>otpauth://totp/</c> URI that authenticator apps read.</summary>
    public Uri TotpUri { get; }

    /// <summary>A snapshot of the recovery codes that would still be accepted.</summary>
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

    /// <summary>A snapshot of the codes sent by SMS so far, oldest first, whether or not they are still valid.</summary>
    public IReadOnlyList<string> SmsCodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _smsCodes];
            }
        }
    }

    internal string SendSms()
    {
        string code = RandomNumberGenerator.GetString("0123456789", 6);
        lock (_lock)
        {
            _smsCodes.Add(code);
            _pendingSmsCode = code;
            _smsSentAt = _time.GetTimestamp();
        }

        return code;
    }

    internal IReadOnlyList<string> ResetRecoveryCodes()
    {
        List<string> codes = NewRecoveryCodes();
        lock (_lock)
        {
            _recoveryCodes = codes;
            return [.. codes];
        }
    }

    /// <summary>Whether the OTP is right. A right one is used up by this.</summary>
    internal bool Verify(string otp)
    {
        lock (_lock)
        {
            return UseTotp(otp) || UseSmsCode(otp) || _recoveryCodes.Remove(otp);
        }
    }

    private bool UseTotp(string otp)
    {
        if (!_totp.VerifyTotp(_time.GetUtcNow().UtcDateTime, otp, out long step, s_oneStepEachSide) || step <= _lastTotpStep)
        {
            return false;
        }

        _lastTotpStep = step;
        return true;
    }

    private bool UseSmsCode(string otp)
    {
        if (otp != _pendingSmsCode || _time.GetElapsedTime(_smsSentAt) >= s_smsLifetime)
        {
            return false;
        }

        _pendingSmsCode = null;
        return true;
    }

    // Letters and digits that can't be taken for one another, as people type these codes by hand.
    private static List<string> NewRecoveryCodes() =>
        [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => $"{NewPart()}-{NewPart()}")];

    private static string NewPart() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 5);
}
