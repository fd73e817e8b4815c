using System.Net;
using System.Net.Http.Headers;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace EquinixOtp.Emulator.Tests;

/// <summary>An emulator on a free port under a fake clock, and short ways to call it.</summary>
internal sealed class TestEmulator : IAsyncDisposable
{
    // No proxy from the environment may see a call.
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    private TestEmulator(MetalEmulator emulator, FakeTimeProvider time) => (Emulator, Time) = (emulator, time);

    public MetalEmulator Emulator { get; }

    public FakeTimeProvider Time { get; }

    public EmulatedAccount Account => Emulator.Accounts[0];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TestEmulator> StartAsync(EmulatorOptions? options = null, FakeTimeProvider? time = null)
    {
        time ??= new(new(2026, 3, 1, 12, 0, 10, TimeSpan.Zero));
        return new(await MetalEmulator.StartAsync((options ?? new()) with { Port = 0 }, time, Stop), time);
    }

    public static async Task<Answer> SendAsync(HttpMethod method, Uri baseUrl, string path, string? token)
    {
        using var request = new HttpRequestMessage(method, $"{baseUrl}{path}");
        if (token is not null)
        {
            request.Headers.Add("X-Auth-Token", token);
        }

        using HttpResponseMessage response = await s_http.SendAsync(request, Stop);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers, response.Content.Headers);
    }

    /// <summary>Calls the admin API, with a JSON body if one is given.</summary>
    public async Task<Answer> AdminAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, $"{Emulator.AdminUrl}{path}");
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await s_http.SendAsync(request, Stop);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers, response.Content.Headers);
    }

    /// <summary>Reads a resource of the admin API.</summary>
    public async Task<JsonElement> ReadAdminAsync(string path)
    {
        Answer answer = await AdminAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.ReadJson();
    }

    /// <summary>Adds a fault by the admin API.</summary>
    public async Task AddFaultAsync(string json) =>
        Assert.Equal(HttpStatusCode.Created, (await AdminAsync(HttpMethod.Post, "/faults", json)).Status);

    public Task<Answer> SendAsync(HttpMethod method, string path) => SendAsync(method, path, Account.Token);

    public Task<Answer> SendAsync(HttpMethod method, string path, string? token) => SendAsync(method, Emulator.Url, path, token);

    public Task<Answer> VerifyAsync(string otp, string? token = null) =>
        SendAsync(HttpMethod.Post, $"/user/otp/verify/{otp}", token ?? Account.Token);

    public async Task<string> SendSmsAsync()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Post, "/user/otp/sms/receive")).Status);
        return Account.SmsCodes[^1];
    }

    public async Task<string[]> ListCodesAsync() => (await SendAsync(HttpMethod.Get, "/user/otp/recovery-codes")).ReadCodes();

    public async Task<string[]> ResetCodesAsync() => (await SendAsync(HttpMethod.Post, "/user/otp/recovery-codes")).ReadCodes();

    /// <summary>Shows that the emulator still does its work.</summary>
    public async Task AssertServesAsync() => Assert.NotEmpty(await ListCodesAsync());

    /// <summary>Shows that the port of a running emulator is open on 127.0.0.1 and on no other address, of this machine or of all.</summary>
    public static async Task AssertIsOnLoopbackAloneAsync(int port)
    {
        Assert.Equal(
            [new IPEndPoint(IPAddress.Loopback, port)],
            IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == port));
        IEnumerable<IPAddress> others = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(own => own.Address)
            .Where(address => !address.Equals(IPAddress.Loopback));
        foreach (IPAddress address in others.Append(IPAddress.Parse("127.0.0.2")))
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address, port, Stop).AsTask());
        }
    }

    public Task<Socket> ConnectAsync() => ConnectAsync(Emulator.Url.Port);

    /// <summary>
    /// Sends bytes as they are, and returns what comes back before the emulator closes. To hang up ends the sending at once, which the
    /// server may take as a reason not to answer.
    /// </summary>
    public Task<string> SendRawAsync(byte[] bytes, bool hangUp = false, bool throwOnReset = false) =>
        SendRawAsync(Emulator.Url.Port, bytes, hangUp, throwOnReset);

    /// <summary>The same, to the emulator at a port.</summary>
    public static async Task<string> SendRawAsync(int port, byte[] bytes, bool hangUp = false, bool throwOnReset = false)
    {
        using Socket socket = await ConnectAsync(port);
        var received = new StringBuilder();
        try
        {
            await socket.SendAsync(bytes, Stop);
            if (hangUp)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            byte[] buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, Stop) is > 0 and int count)
            {
                received.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException) when (!throwOnReset)
        {
            // Being cut off is an answer too.
        }

        return received.ToString();
    }

    public Task<string> SendRawAsync(string text, bool hangUp = false) => SendRawAsync(Encoding.Latin1.GetBytes(text), hangUp);

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Stop);
        return socket;
    }
}

internal sealed record Answer(HttpStatusCode Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string[] ReadCodes()
    {
        Assert.Equal(HttpStatusCode.OK, Status);
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(Body)!["recovery_codes"];
    }

    public JsonElement ReadJson() => JsonDocument.Parse(Body).RootElement;

    /// <summary>Shows that the request was rejected in the API's own form.</summary>
    public void AssertRejected(HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/json; charset=utf-8", ContentHeaders.ContentType?.ToString());
        Assert.All(ReadJson().GetProperty("errors").EnumerateArray().ToArray(), error => Assert.NotEmpty(error.GetString()!));
        Assert.NotEqual(0, ReadJson().GetProperty("errors").GetArrayLength());
    }

    public void AssertIs(HttpStatusCode status, string body)
    {
        Assert.Equal(status, Status);
        Assert.Equal(body, Body);
        Assert.Equal("application/json; charset=utf-8", ContentHeaders.ContentType?.ToString());
    }

    public void AssertRejectedOtp() => AssertIs(HttpStatusCode.FailedDependency, """{"errors":["Invalid OTP"]}""");

    public void AssertConfirmed()
    {
        Assert.Equal(HttpStatusCode.NoContent, Status);
        Assert.Empty(Body);
    }
}
