namespace EquinixOtp.Client.Tests;

internal static class OperationExtensions
{
    /// <summary>Makes the call with the canaries, and gives up when it hangs. A call without a result gives null.</summary>
    public static Task<object?> RunAsync(
        this Operation operation, MetalOtpClient client, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default)
    {
        return CallAsync().WaitAsync(Condition.Limit, CancellationToken.None);

        async Task<object?> CallAsync()
        {
            switch (operation)
            {
                case Operation.Verify:
                    return await client.VerifyAsync(Canary.Otp, observer, cancellationToken);
                case Operation.VerifyTotp:
                    return await client.VerifyTotpAsync(Canary.TotpSecret, observer, cancellationToken);
                case Operation.GetRecoveryCodes:
                    return await client.GetRecoveryCodesAsync(observer, cancellationToken);
                case Operation.ResetRecoveryCodes:
                    return await client.ResetRecoveryCodesAsync(observer, cancellationToken);
                default:
                    await client.SendSmsAsync(observer, cancellationToken);
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

    /// <summary>The failure that an operation comes to; null for success.</summary>
    public static MetalOtpErrorKind? Kind(this Fault fault, Operation operation) =>
        fault.ErrorId(operation) is { } id ? Enum.Parse<MetalOtpErrorKind>(id) : null;
}
