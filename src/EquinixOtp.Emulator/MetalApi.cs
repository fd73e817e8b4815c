using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;

namespace EquinixOtp.Emulator;

/// <summary>The HTTP surface: what is asked, in which order it is checked, and what is answered.</summary>
internal static class MetalApi
{
    internal const string BasePath = "/metal/v1";

    internal static void AddServices(IServiceCollection services)
    {
        services.AddRoutingCore();

        // A web page that has its own name resolve to 127.0.0.1 gets no further than this.
        services.AddHostFiltering(filter =>
        {
            filter.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"];
            filter.AllowEmptyHosts = false;
            filter.IncludeFailureMessage = false;
        });
        services.AddRateLimiter();
    }

    internal static void Map(WebApplication app, MetalEmulator emulator, EmulatorOptions options, TimeProvider time)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers["X-Request-Id"] = Guid.NewGuid().ToString();
            return next(context);
        });
        app.UseHostFiltering();
        if (options.Latency > TimeSpan.Zero)
        {
            app.Use(async (context, next) =>
            {
                await Task.Delay(options.Latency, time, context.RequestAborted).ConfigureAwait(false);
                await next(context).ConfigureAwait(false);
            });
        }

        if (options.RateLimit is { } callsPerMinute)
        {
            LimitRate(app, emulator, callsPerMinute, time);
        }

        RouteGroupBuilder api = app.MapGroup(BasePath);
        api.MapPost("/user/otp/verify/{otp}", (HttpContext context) => Authorized(context, account =>
            !account.Verify(ReadOtp(context)) ? Errors(StatusCodes.Status424FailedDependency, "Invalid OTP")
            : options.SessionTokens ? Results.Json(new { token = emulator.OpenSession(account) })
            : Results.NoContent()));
        api.MapGet("/user/otp/recovery-codes", (HttpContext context) => Authorized(context, account =>
            Results.Json(new { recovery_codes = account.RecoveryCodes })));
        api.MapPost("/user/otp/recovery-codes", (HttpContext context) => Authorized(context, account =>
            Results.Json(new { recovery_codes = account.ResetRecoveryCodes() })));
        api.MapPost("/user/otp/sms/receive", (HttpContext context) => Authorized(context, account =>
        {
            emulator.SendSms(account);
            return Results.NoContent();
        }));

        // With it, a known path with another method gets this answer too, rather than the framework's 405.
        app.MapFallback("{*path}", () => Errors(StatusCodes.Status404NotFound, "Not found"));

        IResult Authorized(HttpContext context, Func<EmulatedAccount, IResult> answer) =>
            FindAccount(context, emulator) is { } account
                ? answer(account)
                : Results.Json(new { error = "Invalid authentication token" }, statusCode: StatusCodes.Status401Unauthorized);
    }

    private static void LimitRate(WebApplication app, MetalEmulator emulator, int callsPerMinute, TimeProvider time)
    {
        // The framework's limiter knows only the system's clock, so the number of the minute is part of the key.
        long start = time.GetTimestamp();
        var limiter = PartitionedRateLimiter.Create<HttpContext, (EmulatedAccount?, long)>(context =>
            RateLimitPartition.GetFixedWindowLimiter(
                (FindAccount(context, emulator), time.GetElapsedTime(start).Ticks / TimeSpan.TicksPerMinute),
                _ => new() { PermitLimit = callsPerMinute, Window = TimeSpan.FromMinutes(1) }));
        app.Lifetime.ApplicationStopped.Register(limiter.Dispose);
        app.UseRateLimiter(new()
        {
            GlobalLimiter = limiter,
            OnRejected = async (rejected, _) =>
            {
                long ticksLeft = TimeSpan.TicksPerMinute - (time.GetElapsedTime(start).Ticks % TimeSpan.TicksPerMinute);
                double seconds = Math.Ceiling(TimeSpan.FromTicks(ticksLeft).TotalSeconds);
                rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                IResult answer = Errors(StatusCodes.Status429TooManyRequests, "Too many requests");
                await answer.ExecuteAsync(rejected.HttpContext).ConfigureAwait(false);
            },
        });
    }

    private static EmulatedAccount? FindAccount(HttpContext context, MetalEmulator emulator) =>
        emulator.FindAccount(context.Request.Headers["X-Auth-Token"].ToString());

    // A route value leaves %2F encoded, and so can't be told from %252F: the request as it came can.
    private static string ReadOtp(HttpContext context)
    {
        string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static IResult Errors(int status, string message) => Results.Json(new { errors = new[] { message } }, statusCode: status);
}
