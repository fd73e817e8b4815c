namespace EquinixOtp.Client.Tests;

internal static class OperationExtensions
{
    /// <summary>Runs an operation with the secrets of <see cref="Canary"/>, within <see cref="Condition.Limit"/>.</summary>
    public static Task RunAsync(
        this Operation operation, MetalOtpClient client, IMetalOtpObserver? observer = null, CancellationToken cancellationToken = default)
    {
        Task call = operation switch
        {
            Operation.Verify => client.VerifyAsync(TestClient.Secure(Canary.Otp), observer, cancellationToken),
            Operation.VerifyTotp => client.VerifyTotpAsync(TestClient.Secure(Canary.TotpSecret), observer, cancellationToken),
            Operation.GetRecoveryCodes => client.GetRecoveryCodesAsync(observer, cancellationToken),
            Operation.ResetRecoveryCodes => client.ResetRecoveryCodesAsync(observer, cancellationToken),
            _ => client.SendSmsAsync(observer, cancellationToken),
        };
        return call.WaitAsync(Condition.Limit, CancellationToken.None);
    }

    /// <summary>Runs an operation, which must fail with a kind of error, or succeed if <paramref name="kind"/> is null.</summary>
    public static async Task<MetalOtpException?> RunAsync(
        this Operation operation, MetalOtpClient client, MetalOtpErrorKind? kind, IMetalOtpObserver? observer = null)
    {
        Exception? thrown = await Record.ExceptionAsync(() => operation.RunAsync(client, observer));
        Assert.True(thrown is null or MetalOtpException, $"{operation}: {thrown}");
        Assert.Equal(kind, (thrown as MetalOtpException)?.Kind);
        return (MetalOtpException?)thrown;
    }

    /// <summary>The kind of error of an operation; null for success.</summary>
    public static MetalOtpErrorKind? Kind(this Fault fault, Operation operation) =>
        fault.ErrorId(operation) is { } id ? Enum.Parse<MetalOtpErrorKind>(id) : null;
}
