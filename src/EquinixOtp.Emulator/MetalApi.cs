using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace EquinixOtp.Emulator;

/// <summary>The emulated API: its routes, and the checks that a request passes before it reaches one.</summary>
internal static class MetalApi
{
    internal const string BasePath = "/metal/v1";

    // The API's own operation ids.
    internal const string VerifyOtp = "findEnsureOtp";
    internal const string ListRecoveryCodes = "findRecoveryCodes";
    internal const string ResetRecoveryCodes = "regenerateCodes";
    internal const string SendSms = "receiveCodes";

    /// <summary>Adds what every request to the emulated API passes: journal, latency, faults and rate limit.</summary>
    internal static void Use(IApplicationBuilder app, EmulatorState state, EmulatorOptions options)
    {
        app.Use((context, next) =>
        {
            string? operation = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
            TokenOwner? owner = state.Accounts.FindOwner(context.Request.Headers["X-Auth-Token"].ToString());
            JournalEntry entry = state.Journal.Add(
                state.Clock.GetUtcNow(), operation, context.Request.Method, GetRawPath(context), owner?.Account.Number);

            // Before the response is sent, so that the client finds its status in the journal.
            var request = new ApiRequest(entry, owner);
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
                limiter.Count(GetOwner(context)?.Account.Number ?? 0) is { } wait ? RejectAsync(context, wait) : next(context));
        }
    }

    internal static void Map(IEndpointRouteBuilder routes, MetalEmulator emulator, EmulatorState state, EmulatorOptions options)
    {
        RouteGroupBuilder api = routes.MapGroup(BasePath).ExcludeFromDescription();
        api.MapPost("/user/otp/verify/{otp}", (HttpContext context) => Authorized(context, account =>
            !account.Verify(ReadOtp(context)) ? Errors(StatusCodes.Status424FailedDependency, "Invalid OTP")
            : options.SessionTokens ? Results.Json(new { token = state.Accounts.OpenSession(account) })
            : Results.NoContent())).WithName(VerifyOtp);
        api.MapGet("/user/otp/recovery-codes", (HttpContext context) => Authorized(context, account =>
            Results.Json(new { recovery_codes = account.RecoveryCodes }))).WithName(ListRecoveryCodes);
        api.MapPost("/user/otp/recovery-codes", (HttpContext context) => Authorized(context, account =>
            Results.Json(new { recovery_codes = account.ResetRecoveryCodes() }))).WithName(ResetRecoveryCodes);
        api.MapPost("/user/otp/sms/receive", (HttpContext context) => Authorized(context, account =>
        {
            emulator.SendSms(account);
            return Results.NoContent();
        })).WithName(SendSms);

        // With it, a known path with another method gets this response too, rather than the framework's 405.
        routes.MapFallback("{*path}", () => Errors(StatusCodes.Status404NotFound, "Not found"));

        static IResult Authorized(HttpContext context, Func<EmulatedAccount, IResult> respond) =>
            GetOwner(context) is { } owner
                ? respond(owner.Account)
                : Results.Json(new { error = "Invalid authentication token" }, statusCode: StatusCodes.Status401Unauthorized);
    }

    internal static IResult Errors(int status, string message) => Results.Json(new ApiErrors([message]), statusCode: status);

    private static TokenOwner? GetOwner(HttpContext context) => context.Features.GetRequiredFeature<ApiRequest>().Owner;

    private static Task RejectAsync(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Errors(StatusCodes.Status429TooManyRequests, "Too many requests").ExecuteAsync(context);
    }

    // A route value leaves %2F encoded, and so cannot be told from %252F: the request as it came can.
    private static string ReadOtp(HttpContext context)
    {
        string path = GetRawPath(context).TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static string GetRawPath(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
}

/// <summary>What is known of a request to the emulated API.</summary>
internal sealed record ApiRequest(JournalEntry Entry, TokenOwner? Owner)
{
    /// <summary>Whether a fault ended the connection, so that no response of the framework's is sent.</summary>
    public bool IsConnectionEnded { get; set; }
}

/// <summary>Why a request was rejected.</summary>
/// <param name="Errors">The reasons, one each.</param>
internal sealed record ApiErrors(IReadOnlyList<string> Errors);
