using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace EquinixOtp.Emulator.Tests;

/// <summary>An emulator on a free port with a fake clock.</summary>
internal sealed class TestEmulator : IAsyncDisposable
{
    public const string CodesPath = "/user/otp/recovery-codes";
    public const string SmsPath = "/user/otp/sms/receive";

    // Without the proxy of the environment.
    private static readonly HttpClient s_http =
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

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

    /// <summary>Sends a request to a URL.</summary>
    public static async Task<Response> SendAsync(HttpMethod method, string url, string? token, string? json = null)
    {
        using var request = new HttpRequestMessage(method, url);
        if (token is not null)
        {
            request.Headers.Add("X-Auth-Token", token);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await s_http.SendAsync(request, Stop);
        return new(response, await response.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Sends a request to the emulated API with the token of the first account.</summary>
    public Task<Response> SendAsync(HttpMethod method, string path) => SendAsync(method, path, Account.Token);

    /// <summary>Sends a request to the emulated API with another token or none.</summary>
    public Task<Response> SendAsync(HttpMethod method, string path, string? token) =>
        SendAsync(method, $"{Emulator.Url}{path}", token, json: null);

    public Task<Response> VerifyAsync(string otp, string? token = null) =>
        SendAsync(HttpMethod.Post, $"/user/otp/verify/{otp}", token ?? Account.Token);

    /// <summary>Requests an SMS and returns its code.</summary>
    public async Task<string> SendSmsAsync()
    {
        (await SendAsync(HttpMethod.Post, SmsPath)).AssertNoContent();
        return Account.SmsCodes[^1];
    }

    /// <summary>Verifies an SMS code and returns the session token.</summary>
    public async Task<string> OpenSessionAsync() =>
        (await VerifyAsync(await SendSmsAsync())).ReadJson().GetProperty("token").GetString()!;

    public async Task<string[]> ListCodesAsync(string? token = null) =>
        (await SendAsync(HttpMethod.Get, CodesPath, token ?? Account.Token)).ReadCodes();

    public async Task<string[]> ResetCodesAsync() => (await SendAsync(HttpMethod.Post, CodesPath)).ReadCodes();

    /// <summary>Asserts that a token is valid or invalid.</summary>
    public async Task AssertTokenAsync(string token, bool isValid) => Assert.Equal(
        isValid ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, CodesPath, token)).Status);

    /// <summary>Sends a request to the admin API, with a JSON body if one is given.</summary>
    public Task<Response> AdminAsync(HttpMethod method, string path, string? json = null) =>
        SendAsync(method, $"{Emulator.AdminUrl}{path}", token: null, json);

    public async Task<JsonElement> ReadAdminAsync(string path)
    {
        Response response = await AdminAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, response.Status);
        return response.ReadJson();
    }

    public async Task AddFaultAsync(string json) =>
        Assert.Equal(HttpStatusCode.Created, (await AdminAsync(HttpMethod.Post, "/faults", json)).Status);

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Emulator.Url.Port, Stop);
        return socket;
    }

    /// <summary>Sends a request as the given text, and returns all bytes received until the emulator closes the connection.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), Stop);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromSeconds(60), Stop);
    }

    /// <summary>Sends a request line and headers, with the token of the first account.</summary>
    public Task<string> SendRawAsync(string requestLine, string headers) =>
        SendRawAsync($"{requestLine} HTTP/1.1\r\n{headers}X-Auth-Token: {Account.Token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();
}
