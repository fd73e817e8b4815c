namespace EquinixOtp.Client.Tests;

/// <summary>The client's operations; verification twice, since an OTP has two sources.</summary>
public enum Operation
{
    Verify,
    VerifyTotp,
    GetRecoveryCodes,
    ResetRecoveryCodes,
    SendSms,
}

internal static class OperationExtensions
{
    /// <summary>Far above what any call here needs: a call that takes this long hangs.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static bool IsGet(this Operation operation) => operation == Operation.GetRecoveryCodes;

    public static bool IsVerify(this Operation operation) => operation is Operation.Verify or Operation.VerifyTotp;

    public static bool ReadsCodes(this Operation operation) => operation is Operation.GetRecoveryCodes or Operation.ResetRecoveryCodes;

    /// <summary>Makes the call with the canaries, and gives up when it hangs. A call without a result gives null.</summary>
    public static Task<object?> RunAsync(
        this Operation operation, MetalOtpClient client, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default)
    {
        return CallAsync().WaitAsync(Limit, CancellationToken.None);

        async Task<object?> CallAsync()
        {
            switch (operation)
            {
                case Operation.Verify:
                    return await client.VerifyAsync(Canary.Otp, Canary.Token, observer, cancellationToken);
                case Operation.VerifyTotp:
                    return await client.VerifyTotpAsync(Canary.TotpSecret, Canary.Token, observer, cancellationToken);
                case Operation.GetRecoveryCodes:
                    return await client.GetRecoveryCodesAsync(Canary.Token, observer, cancellationToken);
                case Operation.ResetRecoveryCodes:
                    return await client.ResetRecoveryCodesAsync(Canary.Token, observer, cancellationToken);
                default:
                    await client.SendSmsAsync(Canary.Token, observer, cancellationToken);
                    return null;
            }
        }
    }

    /// <summary>Makes the call and expects it to fail; or to succeed, when <paramref name="kind"/> is null.</summary>
    public static async Task<MetalOtpException?> RunAsync(
        this Operation operation, MetalOtpClient client, MetalOtpErrorKind? kind, IMetalOtpObserver? observer = null)
    {
        Exception? thrown = await Record.ExceptionAsync(() => operation.RunAsync(client, observer));
        if (thrown is not null and not MetalOtpException)
        {
            Assert.Fail($"{operation}: {thrown}");
        }

        Assert.Equal(kind, (thrown as MetalOtpException)?.Kind);
        return (MetalOtpException?)thrown;
    }
}

/// <summary>Secrets that are easy to find again wherever they leak, escaped or not.</summary>
internal static class Canary
{
    public const string Mark = "canary";
    public const string Token = "canaryTokenAbCdEf0123456789";
    public const string Otp = "canaryOtp/77%";
    public const string TotpSecret = "CANARYSECRETCANARYSECRET";
    public const string ProxyPassword = "canaryProxyPassword";
}
