using System.Net;
using System.Net.Sockets;

namespace EquinixOtp.Tests;

/// <summary>Every error id of the contract: when it comes, as what, and that it says what happened and what to do.</summary>
public class ErrorTests
{
    private const string Page = "<html><body>Bad gateway</body></html>";

    /// <summary>Id, category, script, status, body, headers: what the API answers with each.</summary>
    public static TheoryData<string, ErrorCategory, string, int, string, string[]> Answers => new()
    {
        { MetalErrorIds.OtpRejected, ErrorCategory.PermissionDenied, Scripts.Confirm, 424, Error("Invalid OTP"), [] },
        { MetalErrorIds.OtpRejected, ErrorCategory.PermissionDenied, Scripts.Confirm, 400, Error("Bad"), [] },
        { MetalErrorIds.OtpRejected, ErrorCategory.PermissionDenied, Scripts.Confirm, 422, "", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Confirm + " -Quiet", 422, Page, [] },
        { MetalErrorIds.OtpRejected, ErrorCategory.PermissionDenied, Scripts.Confirm, 403, Error("The OTP has expired"), [] },
        { MetalErrorIds.Unauthorized, ErrorCategory.AuthenticationError, Scripts.Confirm, 401, """{"error":"Invalid authentication token"}""", [] },
        { MetalErrorIds.Unauthorized, ErrorCategory.AuthenticationError, Scripts.Get, 401, Error("The OTP has expired"), [] },
        { MetalErrorIds.Forbidden, ErrorCategory.PermissionDenied, Scripts.Reset, 403, Error("Access denied"), [] },
        { MetalErrorIds.NotFound, ErrorCategory.ObjectNotFound, Scripts.Get, 404, Error("Not found"), [] },
        { MetalErrorIds.NotFound, ErrorCategory.ObjectNotFound, Scripts.Confirm, 404, "", [] },
        { MetalErrorIds.RequestRejected, ErrorCategory.InvalidOperation, Scripts.Get, 422, Error("No phone number"), [] },
        { MetalErrorIds.RequestRejected, ErrorCategory.InvalidOperation, Scripts.Send, 400, Error("Bad"), [] },
        { MetalErrorIds.RequestRejected, ErrorCategory.InvalidOperation, Scripts.Send, 424, Error("Invalid OTP"), [] },
        { MetalErrorIds.RequestRejected, ErrorCategory.InvalidOperation, Scripts.Confirm, 418, "", [] },
        { MetalErrorIds.RateLimited, ErrorCategory.LimitsExceeded, Scripts.Send, 429, "", ["Retry-After: 3600"] },
        { MetalErrorIds.ServerError, ErrorCategory.ResourceUnavailable, Scripts.Send, 500, Error("Oh snap"), [] },
        { MetalErrorIds.ServerError, ErrorCategory.ResourceUnavailable, Scripts.Get, 502, Page, ["Content-Type: text/html"] },
        { MetalErrorIds.UnexpectedRedirect, ErrorCategory.SecurityError, Scripts.Get, 302, "", ["Location: http://127.0.0.1:9/elsewhere"] },
        { MetalErrorIds.UnexpectedRedirect, ErrorCategory.SecurityError, Scripts.Confirm, 307, "", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Get, 200, Page, ["Content-Type: text/html"] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Confirm, 200, Page, ["Content-Type: text/html"] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Get, 200, Page, [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Get, 200, "{}", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Reset, 200, """{"recovery_codes":"a"}""", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Reset, 200, """{"recovery_codes":["a",1]}""", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Get, 204, "", [] },
        { MetalErrorIds.InvalidResponse, ErrorCategory.InvalidData, Scripts.Get, 200, new string(' ', 1024 * 1024) + "{}", [] },
    };

    /// <summary>Id, category, script: what is refused before any call.</summary>
    public static TheoryData<string, ErrorCategory, string> SetUps => new()
    {
        { MetalErrorIds.InvalidToken, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $empty -ApiUrl $url" },
        { MetalErrorIds.InvalidToken, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $blank -ApiUrl $url" },
        { MetalErrorIds.InvalidToken, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $null -ApiUrl $url" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl relative" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl ftp://127.0.0.1" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl https://me:secret@127.0.0.1" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl 'https://127.0.0.1/?a=b'" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl 'https://127.0.0.1/#a'" },
        { MetalErrorIds.InvalidApiUrl, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl $null" },
        { MetalErrorIds.InsecureApiUrl, ErrorCategory.SecurityError, "Get-MetalRecoveryCode -Token $token -ApiUrl http://metal.invalid" },
        { MetalErrorIds.InsecureApiUrl, ErrorCategory.SecurityError, "Get-MetalRecoveryCode -Token $token -ApiUrl $url -Proxy http://proxy.invalid" },
        { MetalErrorIds.InvalidProxy, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl $url -Proxy http://me:secret@127.0.0.1" },
        { MetalErrorIds.InvalidProxy, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl $url -Proxy http://127.0.0.1 -NoProxy" },
        { MetalErrorIds.InvalidProxy, ErrorCategory.InvalidArgument, "Get-MetalRecoveryCode -Token $token -ApiUrl $url -ProxyCredential $credential" },
        { MetalErrorIds.InvalidTotpSecret, ErrorCategory.InvalidArgument, "Confirm-MetalOtp -TotpSecret $blank -Token $token -ApiUrl $url" },
        { MetalErrorIds.InvalidTotpSecret, ErrorCategory.InvalidArgument, "Confirm-MetalOtp -TotpSecret $hotp -Token $token -ApiUrl $url" },
    };

    [Theory]
    [MemberData(nameof(Answers), DisableDiscoveryEnumeration = true)]
    public async Task Answer_of_the_api_is_an_error_that_does_not_end_the_pipeline(
        string id, ErrorCategory category, string script, int status, string body, string[] headers)
    {
        await using LoopbackServer server = LoopbackServer.Responding(status, body, ["X-Request-Id: id-1", .. headers]);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run($"try {{ {script} @api }} catch {{ 'ended' }}");

        Assert.Empty(outcome.Output);
        ErrorRecord error = Assert.Single(outcome.Errors);
        AssertRecord(error, id, category, script.Split(' ')[0], server.BaseUrl);
        dynamic exception = error.Exception;
        Assert.Equal((HttpStatusCode)status, (HttpStatusCode?)exception.StatusCode);
        Assert.Equal("id-1", (string?)exception.RequestId);
        Assert.Contains("id-1", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains($"{status}", error.ErrorDetails.Message, StringComparison.Ordinal);
        foreach (string words in (IReadOnlyList<string>)exception.Errors)
        {
            Assert.Contains(words, body, StringComparison.Ordinal);
            Assert.Contains(words, error.ErrorDetails.Message, StringComparison.Ordinal);
        }

        Assert.Equal(body.StartsWith("{\"err", StringComparison.Ordinal), ((IReadOnlyList<string>)exception.Errors).Count > 0);
        Assert.Equal(headers is ["Retry-After: 3600"] ? TimeSpan.FromHours(1) : null, (TimeSpan?)exception.RetryAfter);
        Assert.Single(server.Requests);
    }

    [Theory]
    [MemberData(nameof(SetUps), DisableDiscoveryEnumeration = true)]
    public async Task Unusable_set_up_ends_the_pipeline_before_any_call(string id, ErrorCategory category, string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell();
        shell["url"] = server.BaseUrl;
        shell["token"] = Secret.Secure(Canary.Token);
        shell["empty"] = Secret.Secure("");
        shell["blank"] = Secret.Secure("with\r\nline breaks");
        shell["hotp"] = Secret.Secure($"otpauth://hotp/x?secret={Canary.TotpSecret}");
        shell["credential"] = new PSCredential("user", Secret.Secure(Canary.ProxyPassword));

        Outcome outcome = shell.Run($"try {{ {script} -ErrorAction Continue }} catch {{ $_ }}");

        Assert.Empty(outcome.Errors);
        var error = Assert.IsType<ErrorRecord>(Assert.Single(outcome.Output));
        AssertRecord(error, id, category, script.Split(' ')[0], error.TargetObject as Uri);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(Scripts.Confirm)]
    [InlineData(Scripts.Get)]
    [InlineData(Scripts.Reset)]
    [InlineData(Scripts.Send)]
    public void Refused_connection_is_an_error_that_does_not_end_the_pipeline(string script)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://{listener.LocalEndPoint}");
        using var shell = new Shell(url);

        Outcome outcome = shell.Run($"try {{ {script} @api }} catch {{ 'ended' }}");

        AssertRecord(Assert.Single(outcome.Errors), MetalErrorIds.ConnectionFailed, ErrorCategory.ConnectionError, script.Split(' ')[0], url);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task Timeout_is_an_error_that_does_not_end_the_pipeline()
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run($"try {{ {Scripts.Confirm} @api -TimeoutSec 1 }} catch {{ 'ended' }}");

        AssertRecord(Assert.Single(outcome.Errors), MetalErrorIds.Timeout, ErrorCategory.OperationTimeout, "Confirm-MetalOtp", server.BaseUrl);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task Cut_answer_is_invalid()
    {
        await using LoopbackServer server = LoopbackServer.Closing(
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recovery_codes\":[\"a\"");
        using var shell = new Shell(server.BaseUrl);

        Assert.Equal([MetalErrorIds.InvalidResponse], shell.Run("Get-MetalRecoveryCode @api").ErrorIds);
    }

    [Fact]
    public async Task Lost_answer_of_a_reset_says_how_to_see_the_codes()
    {
        await using LoopbackServer server = LoopbackServer.Closing();
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);

        ErrorRecord error = Assert.Single(shell.Run(Scripts.Reset + " @api").Errors);

        Assert.StartsWith(MetalErrorIds.ConnectionFailed, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain("Get-MetalRecoveryCode", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("Get-MetalRecoveryCode", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("try { Confirm-MetalOtp 123456 @api -ErrorAction Stop } catch [EquinixOtp.MetalApiException] { $_.Exception.StatusCode; $_.FullyQualifiedErrorId }")]
    [InlineData("$ErrorActionPreference = 'Stop'; try { Confirm-MetalOtp 123456 @api } catch [EquinixOtp.MetalApiException] { $_.Exception.StatusCode; $_.FullyQualifiedErrorId }")]
    [InlineData("""
        try { Confirm-MetalOtp 123456 @api -ErrorAction Stop }
        catch {
            $failure = $_
            switch -Wildcard ($_.FullyQualifiedErrorId) {
                "$([EquinixOtp.MetalErrorId]::OtpRejected),*" { $failure.Exception.StatusCode; $_ }
                default { 'another' }
            }
        }
        """)]
    public async Task Caught_by_type_and_by_id(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(424, Error("Invalid OTP"));
        using var shell = new Shell(server.BaseUrl);

        Assert.Equal([(HttpStatusCode)424, "OtpRejected,EquinixOtp.ConfirmMetalOtpCommand"], shell.Run(script).Success);
    }

    [Fact]
    public async Task Kept_in_an_error_variable_and_left_out_of_the_stream()
    {
        await using LoopbackServer server = LoopbackServer.Responding(500);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run("'111111', '222222' | Confirm-MetalOtp @api -ErrorAction SilentlyContinue -ErrorVariable failures; $failures.Count; $?");

        Assert.Equal([2, true], outcome.Success);
    }

    [Fact]
    public async Task Console_shows_what_happened_and_what_to_do()
    {
        await using LoopbackServer server = LoopbackServer.Responding(401, Error("Invalid authentication token"));
        using var shell = new Shell(server.BaseUrl);

        _ = shell.RunInConsole("Get-MetalRecoveryCode @api");

        var error = Assert.IsType<ErrorRecord>(Assert.Single(shell.Run("$Error").Output));
        Assert.Contains(error.ErrorDetails.Message, OneLine(shell.Host.Text), StringComparison.Ordinal);
        Assert.Contains(error.ErrorDetails.RecommendedAction, OneLine(shell.Host.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_id_of_the_contract_has_its_test_here()
    {
        string[] elsewhere =
        [
            MetalErrorIds.TokenNotFound, MetalErrorIds.InvalidOtp, MetalErrorIds.Timeout, MetalErrorIds.ConnectionFailed,
            MetalErrorIds.AmbiguousIdentity, MetalErrorIds.InvalidDefaultValue, MetalErrorIds.InternalError,
        ];
        IEnumerable<string> tested = Answers.Select(row => row.Data.Item1).Concat(SetUps.Select(row => row.Data.Item1)).Concat(elsewhere).Distinct();

        Assert.Equal(typeof(MetalErrorIds).GetFields().Select(field => field.Name).Order(), tested.Order());
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Error(string message) => $$"""{"errors":["{{message}}"]}""";

    private static void AssertRecord(ErrorRecord error, string id, ErrorCategory category, string cmdlet, Uri? target)
    {
        string commandType = $"EquinixOtp.{cmdlet.Replace("-", string.Empty, StringComparison.Ordinal)}Command";
        Assert.Equal($"{id},{commandType}", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal("EquinixOtp.MetalApiException", error.Exception.GetType().FullName);
        Assert.Null(error.Exception.InnerException);
        Assert.Equal(error.Exception.Message, error.ErrorDetails.Message);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Same(target, error.TargetObject);
    }
}
