using System.Diagnostics;
using System.Net;
using System.Net.Http;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security;
using EquinixOtp.Client;
using EquinixOtp.Tests;
using Flurl.Http;

namespace EquinixOtp.Mono;

/// <summary>Checks of the client's netstandard2.0 build under Mono.</summary>
internal static class Program
{
    private const string Codes = """{"recovery_codes":["alpha-1","beta-2"]}""";

    private const string Token = "Zq7xW2nB9vK4mZ8rT5yU1p";

    private static bool s_usesWebRequest;
    private static int s_passed;
    private static int s_failed;

    private static async Task<int> Main(string[] args)
    {
        s_usesWebRequest = args.Contains("HttpWebRequest");
        if (args.Contains("quirks"))
        {
            UseOldUriQuirks();
            await CheckAsync("OTP that changes the path is not sent", FoldedOtpIsNotSentAsync);
        }
        else
        {
            await CheckAsync("TLS 1.2 is added to an older default", Tls12IsAdded);
            await CheckAsync("Every method of the client compiles", EveryMethodCompiles);
            await CheckAsync("Each operation sends its request and reads its response", OperationsWorkAsync);
            await CheckAsync("OTP is sent as one path segment", OtpIsOneSegmentAsync);
            await CheckAsync("Status determines the kind of error and the retries", StatusesHaveTheirKindsAsync);
            await CheckAsync("Redirect is not followed", RedirectIsNotFollowedAsync);
            await CheckAsync("Cookie is not kept", CookieIsNotKeptAsync);
            await CheckAsync("Body that is cut short is an error", BodyCutShortIsNoSuccessAsync);
            await CheckAsync("Response 204 has no body, whatever its headers say", NoContentIsSuccessAsync);
            await CheckAsync("Timeout within the body is a timeout", TimeoutWithinBodyAsync);
            await CheckAsync("Cancelled call ends within the headers and the body", StopIsCancellationAsync);
            await CheckAsync("POST is sent once and may have taken effect if its connection closes", LostPostIsSentOnceAsync);
            if (s_usesWebRequest)
            {
                await CheckAsync("Connections are leased for five minutes", ConnectionIsLeasedAsync);
                await CheckAsync("Refused connection has no effect and is retried", RefusedConnectionAsync);
                await CheckAsync("Refused CONNECT has no effect and is not retried for a POST", RefusedConnectAsync);
                await CheckAsync("Proxy whose name does not resolve has no effect", UnresolvedProxyAsync);
            }
            else
            {
                // Mono's handler on HttpWebRequest has no MaxConnectionsPerServer.
                await CheckAsync("Sixteen calls to one host run at once", CallsRunAtOnceAsync);
            }
        }

        Console.WriteLine($"{s_passed} passed, {s_failed} failed");
        return s_failed;
    }

    private static async Task CheckAsync(string name, Func<Task> check)
    {
        try
        {
            Task running = Task.Run(check);
            Require(await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(60))) == running, "It hangs.");
            await running;
            s_passed++;
            Console.WriteLine($"passed  {name}");
        }
        catch (Exception e)
        {
            s_failed++;
            Console.WriteLine($"FAILED  {name}: {e}");
        }
    }

    // Runs before any URI is created.
    private static void UseOldUriQuirks()
    {
        FieldInfo version = typeof(UriParser).GetField("s_QuirksVersion", BindingFlags.Static | BindingFlags.NonPublic);
        version.SetValue(null, Enum.Parse(version.FieldType, "V2"));
        object http = typeof(UriParser).GetField("HttpUri", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
        FieldInfo flags = typeof(UriParser).GetField("m_Flags", BindingFlags.Instance | BindingFlags.NonPublic);
        int withQuirk = (int)flags.GetValue(http) | (int)Enum.Parse(flags.FieldType, "UnEscapeDotsAndSlashes");
        flags.SetValue(http, Enum.ToObject(flags.FieldType, withQuirk));
        string folded = new Uri("http://localhost/a/..%2Fb").AbsolutePath;
        Require(folded == "/b", $"The quirks are not in force: {folded}");
    }

    private static async Task FoldedOtpIsNotSentAsync()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, Codes));
        foreach (string otp in new[] { "../recovery-codes", "x/../../recovery-codes", "..\\recovery-codes", "12/34" })
        {
            MetalOtpException e = await FailAsync(Client(server).VerifyAsync(Secure(otp)));
            Require(e.Kind == MetalOtpErrorKind.InvalidOtp, $"{otp}: {e.Kind}");
        }

        Require(server.Requests.Count == 0, "Something was sent.");
        await Client(server).VerifyAsync(Secure("012345"));
        string request = server.Requests.Single().RequestLine;
        Require(request == "POST /metal/v1/user/otp/verify/012345 HTTP/1.1", request);
    }

    private static Task Tls12IsAdded()
    {
#pragma warning disable CA5364, CA5386 // The test needs the older default.
        ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls;
#pragma warning restore CA5364, CA5386
        Client(new Uri("http://127.0.0.1:9/"), proxy: new Uri("http://127.0.0.1:9")).Dispose();
        Require((ServicePointManager.SecurityProtocol & SecurityProtocolType.Tls12) != 0, $"{ServicePointManager.SecurityProtocol}");
        return Task.CompletedTask;
    }

    private static Task EveryMethodCompiles()
    {
        const BindingFlags All =
            BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        int count = 0;
        foreach (Type type in typeof(MetalOtpClient).Assembly.GetTypes())
        {
            foreach (MethodBase method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
            {
                if (!method.IsAbstract && !method.ContainsGenericParameters)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                    count++;
                }
            }
        }

        Require(count > 100, $"{count} methods");
        return Task.CompletedTask;
    }

    private static async Task OperationsWorkAsync()
    {
        await using LoopbackServer server = LoopbackServer.Responding(
            Response.Json(200, """{"recovery_codes":["alpha-1","beta-2"],"token":"session"}"""));
        using MetalOtpClient client = Client(server);

        Require((await client.VerifyAsync(Secure("012345"))).SessionToken == "session", "session token");
        Require((await client.VerifyTotpAsync(Secure("GEZDGNBVGY3TQOJQ"))).SessionToken == "session", "session token");
        Require((await client.GetRecoveryCodesAsync()).SequenceEqual(["alpha-1", "beta-2"]), "codes");
        Require((await client.ResetRecoveryCodesAsync()).SequenceEqual(["alpha-1", "beta-2"]), "codes");
        await client.SendSmsAsync();

        string[] lines = [.. server.Requests.Select(request => request.RequestLine)];
        Require(lines.Length == 5, $"{lines.Length} requests");
        Require(lines[0] == "POST /metal/v1/user/otp/verify/012345 HTTP/1.1", lines[0]);
        Require(lines[2] == "GET /metal/v1/user/otp/recovery-codes HTTP/1.1", lines[2]);
        Require(lines[3] == "POST /metal/v1/user/otp/recovery-codes HTTP/1.1", lines[3]);
        Require(lines[4] == "POST /metal/v1/user/otp/sms/receive HTTP/1.1", lines[4]);
        foreach (RecordedRequest request in server.Requests)
        {
            Require(request.Header("X-Auth-Token") == Token && request.Header("Accept") == "application/json", $"{request}");
            Require(request.Method == "GET" || request.Header("Content-Length") == "0", $"{request}");
        }
    }

    private static async Task OtpIsOneSegmentAsync()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(204, string.Empty));
        foreach (string otp in new[] { "12/34", "../x", "a?b#c%", "%2F", "é", "+" })
        {
            await Client(server).VerifyAsync(Secure(otp));
            string target = server.Requests[server.Requests.Count - 1].Target;
            Require(target == "/metal/v1/user/otp/verify/" + Uri.EscapeDataString(otp), $"{otp}: {target}");
        }
    }

    private static async Task StatusesHaveTheirKindsAsync()
    {
        (int Status, MetalOtpErrorKind Get, MetalOtpErrorKind Verify, int GetCount)[] table =
        [
            (401, MetalOtpErrorKind.Unauthorized, MetalOtpErrorKind.Unauthorized, 1),
            (407, MetalOtpErrorKind.RequestRejected, MetalOtpErrorKind.RequestRejected, 1),
            (424, MetalOtpErrorKind.RequestRejected, MetalOtpErrorKind.OtpRejected, 1),
            (503, MetalOtpErrorKind.ServerError, MetalOtpErrorKind.ServerError, 2),
        ];
        foreach ((int status, MetalOtpErrorKind get, MetalOtpErrorKind verify, int getCount) in table)
        {
            await using LoopbackServer server = LoopbackServer.Responding(
                Response.Json(status, """{"errors":["Said so"]}""", "X-Request-Id: id-1"));
            MetalOtpException e = await FailAsync(Client(server, maxRetries: 1).GetRecoveryCodesAsync());
            Require(e.Kind == get && (int?)e.StatusCode == status, $"{status}: {e}");
            Require(e.RequestId == "id-1" && e.Errors.Single() == "Said so", $"{status}: {e}");
            Require(server.Requests.Count == getCount, $"{status}: {server.Requests.Count} GETs");
            e = await FailAsync(Client(server, maxRetries: 1).VerifyAsync(Secure("012345")));
            Require(e.Kind == verify && e.MayHaveTakenEffect == status is 503, $"{status}: {e.Kind}, {e.MayHaveTakenEffect}");
        }
    }

    private static async Task RedirectIsNotFollowedAsync()
    {
        await using LoopbackServer other = LoopbackServer.Responding(Response.Json(200, Codes));
        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            await using LoopbackServer server = LoopbackServer.Responding(status, "", $"Location: {other.BaseUrl}");
            MetalOtpException e = await FailAsync(Client(server).ResetRecoveryCodesAsync());
            Require(e.Kind == MetalOtpErrorKind.UnexpectedRedirect && server.Requests.Count == 1, $"{status}: {e}");
        }

        Require(other.Requests.Count == 0, "The redirect was followed.");
    }

    private static async Task CookieIsNotKeptAsync()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, Codes, "Set-Cookie: id=1; Path=/"));
        await Client(server).GetRecoveryCodesAsync();
        await Client(server).GetRecoveryCodesAsync();
        Require(server.Requests.All(request => request.Header("Cookie") is null), "A cookie was sent.");
    }

    private static async Task BodyCutShortIsNoSuccessAsync()
    {
        foreach (string body in new[] { string.Empty, "{}", """{"recovery_codes":["alpha-1"]}""" })
        {
            await using LoopbackServer server = LoopbackServer.Closing(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{body}");
            MetalOtpClient client = Client(server);
            Task[] calls = [client.VerifyAsync(Secure("012345")), client.ResetRecoveryCodesAsync(), client.SendSmsAsync()];
            foreach (Task call in calls)
            {
                MetalOtpException e = await FailAsync(call);
                Require(e.Kind is MetalOtpErrorKind.InvalidResponse or MetalOtpErrorKind.ConnectionFailed, $"{body}: {e}");
                Require(e.MayHaveTakenEffect, $"{body}: {e}");
            }
        }
    }

    private static async Task NoContentIsSuccessAsync()
    {
        await using LoopbackServer server = LoopbackServer.Closing("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n");
        Require((await Client(server).VerifyAsync(Secure("012345"))).SessionToken is null, "A session token was returned.");
    }

    private static async Task TimeoutWithinBodyAsync()
    {
        foreach (string part in new[] { "Content-Length: 100\r\n\r\n{", "\r\n{}" })
        {
            await using LoopbackServer server = LoopbackServer.Unresponsive("HTTP/1.1 200 OK\r\n" + part);
            using MetalOtpClient client = Client(Options(server.BaseUrl) with { Timeout = TimeSpan.FromSeconds(1) });
            MetalOtpException e = await FailAsync(client.VerifyAsync(Secure("012345")));
            Require(e.Kind == MetalOtpErrorKind.Timeout && e.MayHaveTakenEffect, $"{e}");
        }
    }

    private static async Task StopIsCancellationAsync()
    {
        string[] parts = [string.Empty, "X-", "Content-Length: 100\r\n\r\n{", "\r\n{}"];
        foreach (string part in parts)
        {
            await using LoopbackServer server = LoopbackServer.Unresponsive("HTTP/1.1 200 OK\r\n" + part);
            using var stop = new CancellationTokenSource();
            Task call = Client(server).VerifyAsync(Secure("012345"), cancellationToken: stop.Token);
            await server.BecomesUnresponsiveAsync();
            await Task.Delay(200);
            var clock = Stopwatch.StartNew();
            stop.Cancel();
            try
            {
                await call;
                Require(false, "The call succeeded.");
            }
            catch (OperationCanceledException)
            {
                Require(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
            }
        }
    }

    private static async Task CallsRunAtOnceAsync()
    {
        const int Count = 16;
        int count = 0;
        var all = new TaskCompletionSource<bool>();
        await using var server = new LoopbackServer(async connection =>
        {
            await connection.ReadRequestAsync();
            if (Interlocked.Increment(ref count) == Count)
            {
                all.SetResult(true);
            }

            await all.Task;
            await connection.WriteAsync(Response.Json(200, Codes));
        });
        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => Client(server).GetRecoveryCodesAsync()));
    }

    private static async Task LostPostIsSentOnceAsync()
    {
        await using LoopbackServer server = LoopbackServer.Closing();
        MetalOtpException e = await FailAsync(Client(server).ResetRecoveryCodesAsync());
        Require(e.Kind == MetalOtpErrorKind.ConnectionFailed && e.MayHaveTakenEffect, $"{e}");
        Require(server.Requests.Count == 1, $"{server.Requests.Count} requests");
    }

    private static async Task ConnectionIsLeasedAsync()
    {
        await using LoopbackServer server = LoopbackServer.Responding(Response.Json(200, Codes));
        await Client(server).GetRecoveryCodesAsync();
        int direct = ServicePointManager.FindServicePoint(server.BaseUrl, proxy: null).ConnectionLeaseTimeout;
        Require(direct == 300_000, $"direct: {direct}");

        // Not a loopback URL, for which WebProxy has no proxy.
        var url = new Uri("https://api.invalid/");
        var proxy = new Uri($"http://127.0.0.1:{server.Port}");
        await FailAsync(Client(url, proxy).ResetRecoveryCodesAsync());
        int proxied = ServicePointManager.FindServicePoint(url, new WebProxy(proxy)).ConnectionLeaseTimeout;
        Require(proxied == 300_000, $"through a proxy: {proxied}");
    }

    private static async Task RefusedConnectionAsync()
    {
        int port;
        await using (LoopbackServer server = LoopbackServer.Closing())
        {
            port = server.Port;
        }

        MetalOtpException e = await FailAsync(Client(new Uri($"http://127.0.0.1:{port}/")).ResetRecoveryCodesAsync());
        Require(e.Kind == MetalOtpErrorKind.ConnectionFailed && !e.MayHaveTakenEffect, $"{e}");
        Require(e.Message.Contains("after 3 attempts"), $"{e}");
    }

    private static async Task RefusedConnectAsync()
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(Response.Json(403, "no"));
        using MetalOtpClient client = Client(new Uri("https://api.invalid/"), new Uri($"http://127.0.0.1:{proxy.Port}"));
        MetalOtpException e = await FailAsync(client.ResetRecoveryCodesAsync());
        Require(e.Kind == MetalOtpErrorKind.ConnectionFailed && !e.MayHaveTakenEffect, $"{e}");
        Require(e.Message.Contains($"127.0.0.1:{proxy.Port}"), $"{e}");
        string request = proxy.Requests.Single().RequestLine;
        Require(request == "CONNECT api.invalid:443 HTTP/1.1", request);
    }

    private static async Task UnresolvedProxyAsync()
    {
        using MetalOtpClient client = Client(new Uri("https://api.invalid/"), new Uri("http://proxy.invalid:3128"));
        MetalOtpException e = await FailAsync(client.ResetRecoveryCodesAsync());
        Require(e.Kind == MetalOtpErrorKind.ConnectionFailed && !e.MayHaveTakenEffect, $"{e}");
        Require(e.Message.Contains("proxy.invalid:3128"), $"{e}");
    }

    private static MetalOtpClient Client(LoopbackServer server, int maxRetries = 2) =>
        Client(Options(server.BaseUrl) with { MaxRetries = maxRetries });

    private static MetalOtpClient Client(Uri url, Uri? proxy = null) => Client(Options(url) with { Proxy = proxy });

    private static MetalOtpClient Client(MetalOtpClientOptions options)
    {
        var client = new MetalOtpClient(options);
        if (s_usesWebRequest)
        {
            UseWebRequest(client);
        }

        return client;
    }

    // Mono's HttpClientHandler has a handler on HttpWebRequest, as .NET Framework's has, but uses SocketsHttpHandler.
    private static void UseWebRequest(MetalOtpClient client)
    {
        const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;
        var http = (IFlurlClient)typeof(MetalOtpClient).GetField("_http", Private).GetValue(client);
        FieldInfo outermost = typeof(HttpMessageInvoker).GetFields(Private).Single(field => field.FieldType == typeof(HttpMessageHandler));
        var handler = (HttpMessageHandler)outermost.GetValue(http.HttpClient);
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }

        FieldInfo field = typeof(HttpClientHandler).GetField("_delegatingHandler", Private);
        if (field.GetValue(handler).GetType().Name == "SocketsHttpHandler")
        {
            Type type = typeof(HttpClientHandler).Assembly.GetType("System.Net.Http.MonoWebRequestHandler", throwOnError: true);
            object webRequestHandler = Activator.CreateInstance(type, nonPublic: true);
            string[] names = ["AllowAutoRedirect", "UseCookies", "AutomaticDecompression", "Proxy", "UseProxy"];
            foreach (string name in names)
            {
                type.GetProperty(name).SetValue(webRequestHandler, typeof(HttpClientHandler).GetProperty(name).GetValue(handler));
            }

            field.SetValue(handler, webRequestHandler);
        }
    }

    private static MetalOtpClientOptions Options(Uri url) =>
        new() { BaseUrl = url, Token = Secure(Token), MaxRetries = 2, RetryInterval = TimeSpan.Zero };

    private static SecureString Secure(string text) => new NetworkCredential(string.Empty, text).SecurePassword;

    private static async Task<MetalOtpException> FailAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (MetalOtpException e)
        {
            return e;
        }

        throw new InvalidOperationException("The call succeeded.");
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }
}
