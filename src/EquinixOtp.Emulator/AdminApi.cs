using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace EquinixOtp.Emulator;

/// <summary>The admin API, which reads and changes the emulator's state.</summary>
internal static class AdminApi
{
    internal const string BasePath = "/__admin";
    private const int MaxWaitSeconds = 60;
    private const int MaxRecoveryCodes = 100;

    /// <summary>Returns whether a request is for the admin API.</summary>
    internal static bool Owns(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase);

    internal static void AddServices(IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "EquinixOtp.Emulator admin API",
                Description = "Reads and changes the state of an emulator of the Equinix Metal OTP API.",
                Version = MetalEmulator.Version,
            };
            return Task.CompletedTask;
        }));
    }

    /// <summary>Adds the middleware that rejects invalid requests and writes the bodies of error responses.</summary>
    internal static void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        // Browsers send Origin with every POST, PATCH and DELETE of a web page.
        if (context.Request.Headers.Origin.Count > 0)
        {
            await MetalApi.WriteErrorAsync(context, StatusCodes.Status403Forbidden, "Requests of web pages (Origin) are rejected.")
                .ConfigureAwait(false);
            return;
        }

        if (context.Request.ContentLength is not (null or 0) && !context.Request.HasJsonContentType())
        {
            await MetalApi.WriteErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "The Content-Type must be application/json.")
                .ConfigureAwait(false);
            return;
        }

        try
        {
            await next(context).ConfigureAwait(false);

            // The framework's own error responses have no body.
            if (context.Response is { HasStarted: false, StatusCode: >= 400 and int status })
            {
                await MetalApi.WriteErrorAsync(context, status, ReasonPhrases.GetReasonPhrase(status)).ConfigureAwait(false);
            }
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            string message = exception.InnerException is JsonException json ? EmulatorJson.Describe(json) : exception.Message;
            await MetalApi.WriteErrorAsync(context, exception.StatusCode, message).ConfigureAwait(false);
        }
    });

    internal static void Map(IEndpointRouteBuilder routes, MetalEmulator emulator, EmulatorState state)
    {
        routes.MapOpenApi($"{BasePath}/openapi.json");
        RouteGroupBuilder admin = routes.MapGroup(BasePath).WithTags("admin");

        admin.MapGet("/health", () => new Health("ok", MetalEmulator.Version, emulator.Url, state.Clock.GetUtcNow()))
            .WithName("getHealth").WithSummary("Returns the emulator's status, version, URL and time.");

        admin.MapPost("/reset", () =>
        {
            state.Reset();
            return TypedResults.NoContent();
        }).WithName("reset").WithSummary("Restores the initial accounts, clock and faults, and empties the journal.");

        admin.MapPost("/clock", Results<Ok<ClockTime>, BadRequest<ApiErrors>> (ClockAdvance request) =>
            state.Clock.TryAdvance(request.Advance)
                ? TypedResults.Ok(new ClockTime(state.Clock.GetUtcNow()))
                : BadRequest($"Advance must be greater than 0, and at most {EmulatorClock.MaxOffset.Days} days in total."))
            .WithName("advanceClock").WithSummary("Advances the emulator's clock.");

        MapAccounts(admin, state);
        MapFaults(admin, state);

        admin.MapGet("/requests", () => state.Journal.Entries)
            .WithName("listRequests").WithSummary($"Lists the last {RequestJournal.Capacity} requests to the emulated API, oldest first.");

        admin.MapDelete("/requests", () =>
        {
            state.Journal.Clear();
            return TypedResults.NoContent();
        }).WithName("deleteRequests").WithSummary("Empties the journal.");
    }

    private static void MapAccounts(RouteGroupBuilder admin, EmulatorState state)
    {
        RouteGroupBuilder accounts = admin.MapGroup("/accounts");

        accounts.MapGet("", () => state.Accounts.Accounts.Select(account => View(account, state)).ToArray())
            .WithName("listAccounts").WithSummary("Lists the accounts with their secrets.");

        accounts.MapPost("", Results<Created<AccountView>, BadRequest<ApiErrors>> (NewAccount request) =>
        {
            string? problem = EmulatorOptions.FindTokenProblem(request.Token) ?? EmulatorOptions.FindTotpSecretProblem(request.TotpSecret);
            EmulatedAccount? account = problem is null ? state.Accounts.Add(request.Token, request.TotpSecret, out problem) : null;
            return account is null
                ? BadRequest(problem!)
                : TypedResults.Created($"{BasePath}/accounts/{account.Number}", View(account, state));
        }).WithName("addAccount").WithSummary("Adds an account.");

        accounts.MapGet("/{number:int}", Results<Ok<AccountView>, NotFound<ApiErrors>> (int number) =>
            state.Accounts.Find(number) is { } account ? TypedResults.Ok(View(account, state)) : NotFound())
            .WithName("getAccount").WithSummary("Returns an account with its secrets.");

        accounts.MapPatch("/{number:int}", Results<Ok<AccountView>, NotFound<ApiErrors>, BadRequest<ApiErrors>> (
            int number, AccountChange request) =>
        {
            if (state.Accounts.Find(number) is not { } account)
            {
                return NotFound();
            }

            if ((FindProblem(request.RecoveryCodes) ?? EmulatorOptions.FindTotpSecretProblem(request.TotpSecret)) is { } problem)
            {
                return BadRequest(problem);
            }

            if (request.RecoveryCodes is { } codes)
            {
                account.SetRecoveryCodes(codes);
            }

            if (AccountStore.Normalize(request.TotpSecret) is { } secret)
            {
                account.SetTotpSecret(secret);
            }

            return TypedResults.Ok(View(account, state));
        }).WithName("changeAccount").WithSummary("Sets the recovery codes or the TOTP secret of an account.");

        accounts.MapGet("/{number:int}/sms/latest", async Task<Results<Ok<SmsMessage>, NotFound<ApiErrors>, BadRequest<ApiErrors>>> (
            int number, double? wait, CancellationToken cancellationToken) =>
        {
            if (wait is not null and not (>= 0 and <= MaxWaitSeconds))
            {
                return BadRequest($"Wait must be from 0 to {MaxWaitSeconds} seconds.");
            }

            if (state.Accounts.Find(number) is not { } account)
            {
                return NotFound();
            }

            SmsMessage? sms = wait is { } seconds
                ? await account.WaitForSmsAsync(TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false)
                : account.LatestSms;
            return sms is null ? NotFound() : TypedResults.Ok(sms);
        }).WithName("getLatestSms").WithSummary(
            $"Returns the latest SMS of an account. With wait (seconds, at most {MaxWaitSeconds}), waits until its code is valid.");

        accounts.MapDelete("/{number:int}/token", Results<NoContent, NotFound<ApiErrors>> (int number) =>
            Change(number, state.Accounts.RevokeToken))
            .WithName("revokeToken").WithSummary("Revokes the API token of an account until a reset. Sessions stay open.");

        accounts.MapDelete("/{number:int}/sessions", Results<NoContent, NotFound<ApiErrors>> (int number) =>
            Change(number, state.Accounts.RevokeSessions))
            .WithName("revokeSessions").WithSummary("Ends all sessions of an account.");

        Results<NoContent, NotFound<ApiErrors>> Change(int number, Action<EmulatedAccount> change)
        {
            if (state.Accounts.Find(number) is not { } account)
            {
                return NotFound();
            }

            change(account);
            return TypedResults.NoContent();
        }
    }

    private static void MapFaults(RouteGroupBuilder admin, EmulatorState state)
    {
        RouteGroupBuilder faults = admin.MapGroup("/faults");

        faults.MapGet("", () => state.Faults.Faults)
            .WithName("listFaults").WithSummary("Lists the active faults with their remaining counts.");

        faults.MapPost("", Results<Created<Fault>, BadRequest<ApiErrors>> (Fault request) =>
            FaultResolver.Resolve(request, out IReadOnlyList<string> errors) is not { } fault
                ? TypedResults.BadRequest(new ApiErrors(errors))
            : state.Faults.TryAdd(fault) ? TypedResults.Created($"{BasePath}/faults", fault)
            : BadRequest($"At most {FaultList.Capacity} faults can be active."))
            .WithName("addFault").WithSummary("Adds a fault. If several apply to a request, only the oldest occurs.");

        faults.MapDelete("", () =>
        {
            state.Faults.Clear();
            return TypedResults.NoContent();
        }).WithName("deleteFaults").WithSummary("Deletes all faults.");
    }

    private static AccountView View(EmulatedAccount account, EmulatorState state) => new(
        account.Number,
        account.Token,
        !state.Accounts.IsTokenValid(account),
        account.TotpSecret,
        account.TotpUri.AbsoluteUri,
        account.RecoveryCodes,
        account.Sms,
        account.Sessions);

    private static string? FindProblem(IReadOnlyList<string>? recoveryCodes) => recoveryCodes switch
    {
        null => null,
        { Count: > MaxRecoveryCodes } => $"An account can have at most {MaxRecoveryCodes} recovery codes.",
        _ when recoveryCodes.Any(code => code is not { Length: >= 1 and <= 64 } || code.Any(c => c is <= ' ' or > '~')) =>
            "A recovery code must have 1 to 64 visible ASCII characters.",
        _ when recoveryCodes.Distinct().Count() != recoveryCodes.Count => "The recovery codes must be distinct.",
        _ => null,
    };

    private static BadRequest<ApiErrors> BadRequest(string problem) => TypedResults.BadRequest(new ApiErrors([problem]));

    private static NotFound<ApiErrors> NotFound() => TypedResults.NotFound(new ApiErrors(["Not found"]));
}
