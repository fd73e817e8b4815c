namespace EquinixOtp.Client.Tests;

/// <summary>What .NET tells of a call, and what an exception keeps.</summary>
public class SecretTests
{
    [Fact]
    public async Task Neither_activities_nor_events_nor_diagnostics_tell_an_OTP_or_a_token()
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Good);
        using MetalOtpClient client = TestClient.For(server);
        int events = Telemetry.Heard("System.Net.Http");

        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            await operation.RunAsync(client);
        }

        Assert.True(Telemetry.Heard("System.Net.Http") > events);
        Assert.Empty(Telemetry.Leaks);
    }

    [Fact]
    public async Task The_listeners_hear_a_client_that_hides_nothing()
    {
        await using LoopbackServer server = LoopbackServer.Answering(Answer.Good);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        int diagnostics = Telemetry.Heard("HttpHandlerDiagnosticListener");

        using HttpResponseMessage answer = await client.GetAsync(new Uri(server.BaseUrl, "/heard"));

        Assert.True(Telemetry.Heard("HttpHandlerDiagnosticListener") > diagnostics);
        Assert.NotNull(Assert.Single(server.Requests).Header("traceparent"));
    }
}
