using System.Text.RegularExpressions;

namespace EquinixOtp.Client.Tests;

/// <summary>Every fault of <see cref="Faults"/> for every operation.</summary>
public class HostileServerTests
{
    private const int MaxRetries = 2;

    public static TheoryData<string, Operation> FaultsAndOperations()
    {
        var data = new TheoryData<string, Operation>();
        foreach (string fault in Faults.All.Keys)
        {
            foreach (Operation operation in Enum.GetValues<Operation>())
            {
#if DESKTOP // .NET Framework refuses a GET with a body, and without one the handler itself resends it.
                if (operation.IsGet() && fault is "accepted and closed" or "closed before the response")
                {
                    continue;
                }
#endif
                data.Add(fault, operation);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(FaultsAndOperations))]
    public async Task Server_fault_maps_to_expected_error_without_a_secret(string name, Operation operation)
    {
        Fault fault = Faults.All[name];
        var clock = new TestClock();
        var observer = new RecordingObserver();
        await using var server = new LoopbackServer(connection => fault.Serve(connection, Pass));
        server.Hanging = () => _ = Pass(Faults.Timeout, CancellationToken.None);
        using MetalOtpClient client = TestClient.For(server, MaxRetries, clock);
        string code = Canary.CodeAt(clock.GetUtcNow());
        MetalOtpException? failure = await operation.RunAsync(client, fault.Kind(operation), observer);

        int attempts = operation.IsGet() && fault.RepeatsGet ? MaxRetries + 1 : 1;
        Assert.InRange(observer.Reports.Count, attempts, fault.MayNeverOpen ? MaxRetries + 1 : attempts);
        Assert.Equal(observer.Reports.Count, server.ConnectionCount);
        Assert.Equal(fault.ReadsRequest ? attempts : 0, server.Requests.Count);
        if (failure is not null && !fault.MayNeverOpen)
        {
            bool isLost = failure.Kind is MetalOtpErrorKind.Timeout or MetalOtpErrorKind.ConnectionFailed
                or MetalOtpErrorKind.InvalidResponse or MetalOtpErrorKind.UnexpectedRedirect or MetalOtpErrorKind.ServerError;
            Assert.Equal(!operation.IsGet() && isLost, failure.MayHaveTakenEffect);
        }

        AssertShowsNoSecret(failure, observer, code, Canary.CodeAt(clock.GetUtcNow()));

        // Advances the clock only for a fault that times out: it would also end another call in progress.
        Task Pass(TimeSpan time, CancellationToken stop)
        {
            if (fault.Kind(operation) == MetalOtpErrorKind.Timeout)
            {
                clock.Advance(time);
            }

            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("{self}")]
    [InlineData("{other}")]
    [InlineData("https:{other}")]
    [InlineData("file:///etc/passwd")]
    [InlineData("canary")]
    [InlineData("")]
    public async Task Redirect_is_never_followed(string location)
    {
        await using LoopbackServer other = LoopbackServer.Responding(Response.Good);
        foreach (int status in new[] { 300, 301, 302, 303, 304, 305, 307, 308 })
        {
            await using LoopbackServer server = LoopbackServer.Responding(request => Response.Json(
                status,
                status == 304 ? string.Empty : Response.Codes,
                "Location: " + location
                    .Replace("{self}", request.Target, StringComparison.Ordinal)
                    .Replace("{other}", $"//{other.BaseUrl.Authority}/", StringComparison.Ordinal)));
            using MetalOtpClient client = TestClient.For(server);
            foreach (Operation operation in new[] { Operation.GetRecoveryCodes, Operation.Verify })
            {
                MetalOtpException failure = (await operation.RunAsync(client, MetalOtpErrorKind.UnexpectedRedirect))!;

                Assert.Equal(status, (int?)failure.StatusCode);
                AssertShowsNoSecret(failure, new RecordingObserver());
            }

            Assert.Equal(2, server.Requests.Count);
        }

        Assert.Equal(0, other.ConnectionCount);
    }

    public static TheoryData<string> LongResponses => [.. Faults.All.Keys.Where(name => Regex.IsMatch(name, "never ends$|100 MiB$"))];

    [Theory]
    [MemberData(nameof(LongResponses))]
    public async Task Long_response_is_not_read_to_its_end(string name)
    {
        Fault fault = Faults.All[name];
        await using var server = new LoopbackServer(connection => fault.Serve(connection, Task.Delay));
        using MetalOtpClient client = TestClient.For(server, maxRetries: 0);

        await Operation.GetRecoveryCodes.RunAsync(client, fault.Kind(Operation.GetRecoveryCodes));

        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
        // The limit of 1 MiB, and the buffers of two sockets.
        Assert.InRange(server.BytesWritten, 0, 16 * 1024 * 1024);
    }

    private static void AssertShowsNoSecret(MetalOtpException? failure, RecordingObserver observer, params string[] codes)
    {
        Assert.Empty(new SecretHunt(codes).Find(failure, observer.Reports, observer.Waits, failure?.ToString(), failure?.Data));
        IEnumerable<string> shown = observer.Reports
            .SelectMany(report => report.Headers.Append(report.Url.AbsoluteUri).Append(report.RequestId ?? string.Empty))
            .Concat(failure is null ? [] : failure.Errors.Append(failure.Message));
        foreach (string text in shown)
        {
            Assert.InRange(text.Length, 0, 4000);
            Assert.DoesNotMatch(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]", text);
        }

        Assert.Empty(Telemetry.Leaks);
    }
}
