using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace EquinixOtp.Emulator;

/// <summary>The emulated API: its middleware and its routes.</summary>
internal static class MetalApi
{
    internal const string BasePath = "/metal/v1";

    // The operation ids of the API.
    internal const string VerifyOtp = "findEnsureOtp";
    internal const string ListRecoveryCodes = "findRecoveryCodes";
    internal const string ResetRecoveryCodes = "regenerateCodes";
    internal const string SendSms = "receiveCodes";

    /// <summary>Adds the middleware of the emulated API: journal, latency, faults and rate limit.</summary>
    internal static void Use(IApplicationBuilder app, EmulatorState state, EmulatorOptions options)
    {
        app.Use((context, next) =>
        {
            string? operation = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
            TokenOwner? owner = state.Accounts.FindOwner(context.Request.Headers["X-Auth-Token"].ToString());
            string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
            JournalEntry entry = state.Journal.Add(
                state.Clock.GetUtcNow(), operation, context.Request.Method, path, owner?.Account.Number);

            // The status is set before the response is sent: a client that has the response finds it in the journal.
            var request = new ApiRequest(entry, owner, path);
            context.Response.OnStarting(() =>
            {
                if (!request.IsConnectionEnded && !context.RequestAborted.IsCancellationRequested)
                {
                    entry.Status = context.Response.StatusCode;
                }

                return Task.CompletedTask;
            });
            context.Features.Set(request);
            return next(context);
        });
        if (options.Latency > TimeSpan.Zero)
        {
            app.Use(async (context, next) =>
            {
                await Task.Delay(options.Latency, state.Clock, context.RequestAborted).ConfigureAwait(false);
                await next(context).ConfigureAwait(false);
            });
        }

        app.Use(new FaultInjector(state.Faults, state.Clock).InvokeAsync);
        if (state.RateLimiter is { } limiter)
        {
            app.Use((context, next) =>
                limiter.Count(GetRequest(context).Owner?.Account.Number ?? 0) is { } wait ? RejectAsync(context, wait) : next(context));
        }
    }

    internal static void Map(IEndpointRouteBuilder routes, MetalEmulator emulator, EmulatorState state, EmulatorOptions options)
    {
        RouteGroupBuilder api = routes.MapGroup(BasePath);
        api.MapPost("/user/otp/verify/{otp}", context => RespondAsync(context, account =>
            !account.Verify(ReadOtp(context)) ? WriteErrorAsync(context, StatusCodes.Status424FailedDependency, "Invalid OTP")
            : options.SessionTokens ? WriteJsonAsync(context, StatusCodes.Status200OK, new { token = state.Accounts.OpenSession(account) })
            : WriteNoContent(context))).WithName(VerifyOtp);
        api.MapGet("/user/otp/recovery-codes", context => RespondAsync(context, account =>
            WriteJsonAsync(context, StatusCodes.Status200OK, new { recovery_codes = account.RecoveryCodes })))
            .WithName(ListRecoveryCodes);
        api.MapPost("/user/otp/recovery-codes", context => RespondAsync(context, account =>
            WriteJsonAsync(context, StatusCodes.Status200OK, new { recovery_codes = account.ResetRecoveryCodes() })))
            .WithName(ResetRecoveryCodes);
        api.MapPost("/user/otp/sms/receive", context => RespondAsync(context, account =>
        {
            emulator.SendSms(account);
            return WriteNoContent(context);
        })).WithName(SendSms);

        // The fallback also matches known paths with another method, for which routing alone returns 405.
        routes.MapFallback("{*path}", context => WriteErrorAsync(context, StatusCodes.Status404NotFound, "Not found"));

        static Task RespondAsync(HttpContext context, Func<EmulatedAccount, Task> respond) =>
            GetRequest(context).Owner is { } owner
                ? respond(owner.Account)
                : WriteJsonAsync(context, StatusCodes.Status401Unauthorized, new { error = "Invalid authentication token" });

        static Task WriteNoContent(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
    }

    internal static Task WriteErrorAsync(HttpContext context, int status, string message) =>
        WriteJsonAsync(context, status, new ApiErrors([message]));

    // With a Content-Length, unlike Results.Json, which sends chunks.
    private static Task WriteJsonAsync<T>(HttpContext context, int status, T value)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, EmulatorJson.Options);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    private static ApiRequest GetRequest(HttpContext context) => context.Features.GetRequiredFeature<ApiRequest>();

    private static Task RejectAsync(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return WriteErrorAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests");
    }

    // Read from the raw path: a route value keeps %2F encoded but decodes %25, so %2F and %252F would be the same OTP.
    private static string ReadOtp(HttpContext context)
    {
        string path = GetRequest(context).Path.TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}

/// <summary>A request to the emulated API.</summary>
/// <param name="Entry">Its journal entry.</param>
/// <param name="Owner">The account that the token belongs to; null if the token is invalid.</param>
/// <param name="Path">The path as received, without the query.</param>
internal sealed record ApiRequest(JournalEntry Entry, TokenOwner? Owner, string Path)
{
    /// <summary>Whether a fault has ended the connection, so that the framework sends no response.</summary>
    public bool IsConnectionEnded { get; set; }
}

/// <summary>The body of an error response.</summary>
/// <param name="Errors">The error messages.</param>
internal sealed record ApiErrors(IReadOnlyList<string> Errors);
