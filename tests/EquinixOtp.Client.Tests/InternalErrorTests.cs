namespace EquinixOtp.Client.Tests;

/// <summary>Exceptions that nothing in the client expects.</summary>
public class InternalErrorTests
{
    [Theory]
    [InlineData(Operation.GetRecoveryCodes, false)]
    [InlineData(Operation.ResetRecoveryCodes, true)]
    public async Task Unexpected_exception_leaves_the_client_without_its_text(Operation operation, bool mayHaveTakenEffect)
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Good);
        using MetalOtpClient client = TestClient.For(server);

        MetalOtpException e = (await operation.RunAsync(client, MetalOtpErrorKind.InternalError, new FailingObserver()))!;

        Assert.Equal(mayHaveTakenEffect, e.MayHaveTakenEffect);
        Assert.Contains(nameof(InvalidTimeZoneException), e.Message, StringComparison.Ordinal);
        Assert.Null(e.InnerException);
        Assert.Empty(new SecretHunt().Find(e, e.ToString()));
    }

    private sealed class FailingObserver : IMetalOtpObserver
    {
        public bool WantsReports => true;

        public bool WantsHeaders => true;

        public void AttemptStarting(TimeSpan timeout)
        {
        }

        public void AttemptEnded(AttemptReport report) => throw new InvalidTimeZoneException(Canary.Token);

        public void WaitingToRetry(TimeSpan delay, MetalOtpErrorKind reason)
        {
        }
    }
}
