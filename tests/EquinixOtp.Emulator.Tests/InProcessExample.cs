// The example of docs/emulator.md passes no cancellation token.
#pragma warning disable xUnit1051
namespace EquinixOtp.Emulator.Tests;

public class InProcessExample
{
    [Fact]
    public async Task In_process_example_prints_its_results()
    {
        // These lines are in docs/emulator.md.
        await using MetalEmulator emulator = await MetalEmulator.StartAsync(new() { Port = 0, Tokens = ["my-token-1"] });
        emulator.SmsSent += (_, sms) => Console.WriteLine($"{sms.Account.Token} received {sms.Code}");

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Auth-Token", emulator.Accounts[0].Token);
        await http.PostAsync($"{emulator.Url}/user/otp/sms/receive", null);
        string code = emulator.Accounts[0].SmsCodes[^1];
        HttpResponseMessage confirmed = await http.PostAsync($"{emulator.Url}/user/otp/verify/{code}", null);
        Console.WriteLine((int)confirmed.StatusCode); // 204

        emulator.AddFault(new() { Operation = "*", Name = "outage", Count = 1 });
        HttpResponseMessage failed = await http.PostAsync($"{emulator.Url}/user/otp/sms/receive", null);
        Console.WriteLine((int)failed.StatusCode); // 503

        Assert.Equal([$"my-token-1 received {code}", "204", "503"], Console.Lines);
    }

    private static class Console
    {
        public static List<string> Lines { get; } = [];

        public static void WriteLine(object line) => Lines.Add(line.ToString()!);
    }
}
