using System.Globalization;

namespace EquinixOtp.Tests;

/// <summary>The environment belongs to the whole process, so these run with nothing beside them.</summary>
[CollectionDefinition(nameof(EnvironmentTests), DisableParallelization = true)]
[Collection(nameof(EnvironmentTests))]
public sealed class EnvironmentTests : IAsyncDisposable
{
    private const string Token = "METAL_AUTH_TOKEN";
    private const string AnsibleToken = "METAL_API_TOKEN";
    private const string PacketToken = "PACKET_AUTH_TOKEN";
    private const string Url = "METAL_API_URL";

    // What may follow a confirmation.
    private static readonly string[] s_next = [Scripts.Get, Scripts.Send, Scripts.Reset];

    private readonly Dictionary<string, string?> _before;
    private readonly LoopbackServer _server = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
    private readonly Shell _shell = new();

    public EnvironmentTests()
    {
        _before = new[] { Token, AnsibleToken, PacketToken, Url }.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        foreach (string name in _before.Keys)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        Environment.SetEnvironmentVariable(Url, _server.BaseUrl.AbsoluteUri);
        _shell["token"] = Secret.Secure("explicitToken");
        _shell["url"] = _server.BaseUrl;
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        _shell.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("one", "two", "three", "one")]
    [InlineData(null, "two", "three", "two")]
    [InlineData("", "two", null, "two")]
    [InlineData(null, null, "three", "three")]
    public void First_token_variable_that_is_set_is_used(string? first, string? second, string? third, string expected)
    {
        SetTokens(first, second, third);

        foreach (string script in Scripts.All)
        {
            _ = _shell.Run(script).Success;
        }

        Assert.Equal(4, _server.Requests.Count);
        Assert.All(_server.Requests, request => Assert.Equal(expected, request.Header("X-Auth-Token")));
    }

    [Fact]
    public void Explicit_token_beats_the_environment()
    {
        SetTokens("one", "two", "three");

        foreach (string script in Scripts.All)
        {
            _ = _shell.Run(script + " -Token $token").Success;
        }

        Assert.All(_server.Requests, request => Assert.Equal("explicitToken", request.Header("X-Auth-Token")));
    }

    [Fact]
    public async Task Explicit_url_beats_the_environment()
    {
        await using LoopbackServer other = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
        _shell["url"] = other.BaseUrl;

        foreach (string script in Scripts.All)
        {
            _ = _shell.Run(script + " -Token $token -ApiUrl $url").Success;
        }

        Assert.Equal(4, other.Requests.Count);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Session_token_goes_to_the_api_that_gave_it_whatever_the_environment_says()
    {
        await using LoopbackServer other = LoopbackServer.Responding(request => request.Target.Contains("verify", StringComparison.Ordinal)
            ? Response.Create(200, $$"""{"token":"{{Canary.SessionToken}}"}""")
            : Response.Create(200, """{"recovery_codes":["a"]}"""));
        _shell["url"] = other.BaseUrl;

        foreach (string next in s_next)
        {
            _ = _shell.Run($"Confirm-MetalOtp 123456 -Token $token -ApiUrl $url | {next}").Success;
        }

        Assert.Equal(6, other.Requests.Count);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void Explicit_null_is_refused_whatever_the_environment_says()
    {
        SetTokens("one", null, null);

        foreach (string script in Scripts.All)
        {
            Assert.Equal([MetalErrorIds.InvalidToken], _shell.Run(script + " -Token $null").ErrorIds);
            Assert.Equal([MetalErrorIds.InvalidApiUrl], _shell.Run(script + " -ApiUrl $null").ErrorIds);
        }

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void No_token_anywhere_ends_the_pipeline()
    {
        SetTokens(null, "", null);

        Outcome outcome = _shell.Run("try { '123456', '234567' | Confirm-MetalOtp -ErrorAction Continue } catch { $_ }");

        Assert.Empty(outcome.Errors);
        var error = Assert.IsType<ErrorRecord>(Assert.Single(outcome.Output));
        Assert.Equal("TokenNotFound,EquinixOtp.ConfirmMetalOtpCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.Equal("EquinixOtp.MetalApiException", error.Exception.GetType().FullName);
        Assert.Contains(Token, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("bad token", MetalErrorIds.InvalidToken)]
    [InlineData("line\nbreak", MetalErrorIds.InvalidToken)]
    public void Token_variable_is_checked_like_a_parameter(string value, string errorId)
    {
        SetTokens(value, "good", null);

        Assert.Equal([errorId], _shell.Run("Get-MetalRecoveryCode").ErrorIds);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1", MetalErrorIds.InvalidApiUrl)]
    [InlineData("not a url", MetalErrorIds.InvalidApiUrl)]
    [InlineData("http://", MetalErrorIds.InvalidApiUrl)]
    [InlineData("https://me:secret@127.0.0.1", MetalErrorIds.InvalidApiUrl)]
    [InlineData("http://metal.invalid/v1", MetalErrorIds.InsecureApiUrl)]
    public void Url_variable_is_checked_like_a_parameter(string value, string errorId)
    {
        Environment.SetEnvironmentVariable(Url, value);

        Assert.Equal([errorId], _shell.Run("Get-MetalRecoveryCode -Token $token").ErrorIds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Public_api_is_the_default(string? value)
    {
        Environment.SetEnvironmentVariable(Url, value);

        // An unusable token is found after the URL, and before anything is sent to it.
        Outcome outcome = _shell.Run("Get-MetalRecoveryCode");

        Assert.Equal([MetalErrorIds.TokenNotFound], outcome.ErrorIds);
        Assert.Equal("https://api.equinix.com/metal/v1", $"{outcome.Errors[0].TargetObject}");
    }

    [Fact]
    public async Task What_the_environments_token_confirmed_goes_on_with_it_and_at_the_same_api()
    {
        await using LoopbackServer other = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
        _shell["url"] = other.BaseUrl;
        SetTokens("one", null, null);

        foreach (string next in s_next)
        {
            _ = _shell.Run($"Confirm-MetalOtp 123456 -ApiUrl $url | {next}").Success;
        }

        Assert.Equal(6, other.Requests.Count);
        Assert.All(other.Requests, request => Assert.Equal("one", request.Header("X-Auth-Token")));
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("$c | {0}")]
    [InlineData("{0} -InputObject $c")]
    public async Task Confirmation_keeps_its_user_and_api_whatever_the_environment_becomes(string use)
    {
        await using LoopbackServer other = LoopbackServer.Responding(204);
        await using LoopbackServer codes = LoopbackServer.Responding(200, """{"recovery_codes":["a"]}""");
        foreach (string source in new[] { "-Token $token -ApiUrl $url", "-Token $token", "" })
        {
            foreach (string next in s_next)
            {
                SetTokens("one", null, null);
                Environment.SetEnvironmentVariable(Url, codes.BaseUrl.AbsoluteUri);
                _shell["url"] = codes.BaseUrl;
                _ = _shell.Run($"$c = Confirm-MetalOtp 123456 {source}").Success;
                SetTokens("two", null, null);
                Environment.SetEnvironmentVariable(Url, other.BaseUrl.AbsoluteUri);

                _ = _shell.Run(string.Format(CultureInfo.InvariantCulture, use, next)).Success;

                Assert.Equal(source.Length == 0 ? "one" : "explicitToken", codes.Requests[^1].Header("X-Auth-Token"));
            }
        }

        Assert.Equal(18, codes.Requests.Count);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("$c | {0} -Token $token")]
    [InlineData("$c | {0} -Token $null")]
    [InlineData("$c | {0} -ApiUrl $url")]
    [InlineData("{0} -InputObject $c -Token $token")]
    [InlineData("{0} -InputObject $c -ApiUrl $url")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:Token' = $token }}; $c | {0}")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:Token' = $token }}; {0} -InputObject $c")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:ApiUrl' = $url }}; $c | {0}")]
    public void Confirmation_does_not_combine_with_another_user_or_api(string use)
    {
        SetTokens("one", null, null);
        _ = _shell.Run("$c = Confirm-MetalOtp 123456").Success;

        foreach (string next in s_next)
        {
            Assert.Equal([MetalErrorIds.AmbiguousIdentity], _shell.Run(string.Format(CultureInfo.InvariantCulture, use, next)).ErrorIds);
        }

        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("'*-Metal*:Token' = 'plain text'")]
    [InlineData("'*-Metal*:SessionToken' = 'plain text'")]
    [InlineData("\"*-Metal*:'Token'\" = 'plain text'")]
    [InlineData("\"'*-Metal*':Token\" = 'plain text'")]
    [InlineData("'*-Metal*:Token' = {}")]
    [InlineData("'*:Tok*' = 1")]
    [InlineData("'*-Metal*:TimeoutSec' = 'soon'")]
    [InlineData("'*-Metal*:NoProxy' = 'perhaps'; '*-Metal*:TimeoutSec' = 5")]
    public void Default_value_that_cannot_be_bound_makes_no_call(string values)
    {
        SetTokens("one", null, null);

        foreach (string script in Scripts.All)
        {
            Assert.Equal([MetalErrorIds.InvalidDefaultValue], _shell.Run($"$PSDefaultParameterValues = @{{ {values} }}; {script}").ErrorIds);
        }

        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("${alias:gmrc} = 'Get-MetalRecoveryCode'; $PSDefaultParameterValues = @{ 'gmrc:Token' = 'plain text' }; gmrc")]
    [InlineData("Import-Module $manifest -Prefix My; $PSDefaultParameterValues = @{ 'Get-MetalRecoveryCode:Token' = 'plain text' }; Get-MyMetalRecoveryCode")]
    public void Default_value_by_another_name_of_the_cmdlet_makes_no_call_either(string script)
    {
        SetTokens("one", null, null);

        Assert.Equal([MetalErrorIds.InvalidDefaultValue], _shell.Run(script).ErrorIds);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("$row | {0} -InputObject $c")]
    [InlineData("$c | {0} -InputObject $c")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:InputObject' = $c }}; $row | {0}")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:Token' = $token }}; $row | {0}")]
    [InlineData("$PSDefaultParameterValues = @{{ '*-Metal*:ApiUrl' = $url }}; $row | {0}")]
    [InlineData("[pscustomobject]@{{ SessionToken = $token; ApiUrl = $url; pstypename = 1 }} | Select-Confirmation | {0} -ApiUrl $url")]
    public void Piped_input_does_not_compete_with_arguments_and_defaults(string use)
    {
        SetTokens("one", null, null);
        _ = _shell.Run("""
            $c = Confirm-MetalOtp 123456
            $row = [pscustomobject]@{ Token = $token; ApiUrl = $url }
            function Select-Confirmation { process { $_.pstypenames.Insert(0, 'Selected.EquinixOtp.OtpConfirmation'); $_ } }
            """).Success;

        foreach (string next in s_next)
        {
            Assert.Equal([MetalErrorIds.AmbiguousIdentity], _shell.Run(string.Format(CultureInfo.InvariantCulture, use, next)).ErrorIds);
        }

        Assert.Single(_server.Requests);
    }

    [Fact]
    public void Confirmation_keeps_the_token_that_confirmed_whatever_becomes_of_the_callers()
    {
        _ = _shell.Run("$mine = $token.Copy(); $c = Confirm-MetalOtp 123456 -Token $mine; $mine.AppendChar('Z')").Success;
        _ = _shell.Run("$c | Get-MetalRecoveryCode; $mine.Dispose(); $c | Get-MetalRecoveryCode").Success;

        Assert.Equal(Enumerable.Repeat("explicitToken", 3), _server.Requests.Select(request => request.Header("X-Auth-Token")));
    }

    [Fact]
    public void Disposed_or_overlong_secret_is_an_error_of_its_own()
    {
        SetTokens(new string('x', 70_000), null, null);
        _shell["disposed"] = Secret.Secure("x");
        _ = _shell.Run("$disposed.Dispose()").Success;

        Assert.Equal([MetalErrorIds.InvalidToken], _shell.Run("Get-MetalRecoveryCode").ErrorIds);
        Assert.Equal([MetalErrorIds.InvalidToken], _shell.Run("Get-MetalRecoveryCode -Token $disposed").ErrorIds);
        Assert.Equal([MetalErrorIds.InvalidOtp], _shell.Run("Confirm-MetalOtp $disposed -Token $token").ErrorIds);
        Assert.Equal([MetalErrorIds.InvalidOtp], _shell.Run("Confirm-MetalOtp ('1' * 70000) -Token $token").ErrorIds);
        Assert.Equal([MetalErrorIds.InvalidTotpSecret], _shell.Run("Confirm-MetalOtp -TotpSecret $disposed -Token $token").ErrorIds);
    }

    [Theory]
    [InlineData("'*-Metal*:Token' = $token; 'Other-Command:ApiUrl' = 1; 'Confirm-MetalOtp:TotpSecret' = $token")]
    [InlineData("'*-Metal*:Token' = 'plain text'; Disabled = $true")]
    public void Default_value_that_is_bound_or_disabled_is_no_error(string values)
    {
        SetTokens("one", null, null);

        foreach (string script in Scripts.All)
        {
            _ = _shell.Run($"$PSDefaultParameterValues = @{{ {values} }}; {script}").Success;
        }

        Assert.Equal(4, _server.Requests.Count);
    }

    [Theory]
    [InlineData("$c | {0}")]
    [InlineData("{0} -InputObject $c")]
    public async Task Serialized_confirmation_keeps_its_session_token_and_api(string use)
    {
        await using LoopbackServer other = LoopbackServer.Responding(request => request.Target.Contains("verify", StringComparison.Ordinal)
            ? Response.Create(200, $$"""{"token":"{{Canary.SessionToken}}"}""")
            : Response.Create(200, """{"recovery_codes":["a"]}"""));
        _shell["url"] = other.BaseUrl;
        SetTokens("one", null, null);
        _ = _shell.Run("""
            $c = Confirm-MetalOtp 123456 -ApiUrl $url
            $c = [pscustomobject]@{ SessionToken = $c.SessionToken; ApiUrl = $c.ApiUrl }
            $c.pstypenames.Insert(0, 'Deserialized.EquinixOtp.OtpConfirmation')
            """).Success;

        foreach (string next in s_next)
        {
            _ = _shell.Run(string.Format(CultureInfo.InvariantCulture, use, next)).Success;
        }

        Assert.Equal(["one", .. Enumerable.Repeat(Canary.SessionToken, 3)], other.Requests.Select(request => request.Header("X-Auth-Token")));
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("$c | {0}")]
    [InlineData("{0} -InputObject $c")]
    public void Serialized_confirmation_without_a_session_token_is_an_error(string use)
    {
        SetTokens("one", null, null);
        _ = _shell.Run("""
            $c = Confirm-MetalOtp 123456
            $c = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($c))
            """).Success;

        foreach (string next in s_next)
        {
            ErrorRecord error = Assert.Single(_shell.Run(string.Format(CultureInfo.InvariantCulture, use, next)).Errors);

            Assert.StartsWith(MetalErrorIds.TokenNotFound, error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("serialized", error.ErrorDetails.Message, StringComparison.Ordinal);
        }

        Assert.Single(_server.Requests);
    }

    [Fact]
    public void A_rows_null_is_refused_whatever_the_environment_says()
    {
        SetTokens("one", null, null);

        foreach (string script in Scripts.All)
        {
            Assert.Equal([MetalErrorIds.InvalidToken], _shell.Run($"[pscustomobject]@{{ Token = $null; ApiUrl = $url }} | {script}").ErrorIds);
            Assert.Equal([MetalErrorIds.InvalidToken], _shell.Run($"[pscustomobject]@{{ SessionToken = $null }} | {script}").ErrorIds);
            Assert.Equal([MetalErrorIds.InvalidApiUrl], _shell.Run($"[pscustomobject]@{{ Token = $token; ApiUrl = $null }} | {script}").ErrorIds);
        }

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void A_row_has_nothing_of_the_row_before()
    {
        SetTokens("one", null, null);

        foreach (string script in Scripts.All)
        {
            _ = _shell.Run($"[pscustomobject]@{{ Token = $token }}, [pscustomobject]@{{ ApiUrl = $url }} | {script}").Success;
        }

        Assert.Equal(
            Scripts.All.Select(_ => ("explicitToken", "one")),
            _server.Requests.Chunk(2).Select(pair => (pair[0].Header("X-Auth-Token")!, pair[1].Header("X-Auth-Token")!)));
    }

    [Fact]
    public void No_input_is_no_call()
    {
        SetTokens("one", null, null);

        foreach (string next in s_next)
        {
            Assert.Equal(["ParameterArgumentValidationError"], _shell.Run($"$null | {next}").ErrorIds);
            Assert.Equal(["InputObjectNotBound"], _shell.Run($"'123456' | {next}").ErrorIds);
            Assert.Empty(_shell.Run($"@() | {next}").ErrorIds);
        }

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void Credentials_alone_leave_no_trace_in_the_environment()
    {
        SetTokens(null, null, null);
        int before = Environment.GetEnvironmentVariables().Count;

        _ = _shell.Run("Confirm-MetalOtp 123456 -Token $token").Success;

        Assert.Equal(before, Environment.GetEnvironmentVariables().Count);
        Assert.DoesNotContain("explicitToken", Environment.GetEnvironmentVariables().Values.Cast<string>());
    }

    private static void SetTokens(string? first, string? second, string? third)
    {
        Environment.SetEnvironmentVariable(Token, first);
        Environment.SetEnvironmentVariable(AnsibleToken, second);
        Environment.SetEnvironmentVariable(PacketToken, third);
    }
}
