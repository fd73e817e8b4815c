using System.Security;
using System.Text;

namespace EquinixOtp.Tests;

/// <summary>The parameters: their declaration to the letter, and what those that all cmdlets share do.</summary>
public class ParameterTests
{
    private const string Shared = """
        ApiUrl Uri by-name
        MaximumRetryCount Int32
        NoProxy SwitchParameter
        Proxy Uri
        ProxyCredential PSCredential
        RetryIntervalSec Int32
        TimeoutSec Int32
        Token SecureString by-name alias=SessionToken
        """;

    public static TheoryData<string> Cmdlets => new(Scripts.All);

    [Theory]
    [InlineData("Confirm-MetalOtp", """
        [Otp] Otp SecureString mandatory 0 by-value by-name alias=Code
        Quiet SwitchParameter
        [Totp] TotpSecret SecureString mandatory
        Confirm SwitchParameter alias=cf
        WhatIf SwitchParameter alias=wi
        """)]
    [InlineData("Get-MetalRecoveryCode", "AsPlainText SwitchParameter\nInputObject OtpConfirmation by-value")]
    [InlineData("Reset-MetalRecoveryCode", "AsPlainText SwitchParameter\nInputObject OtpConfirmation by-value\nConfirm SwitchParameter alias=cf\nWhatIf SwitchParameter alias=wi")]
    [InlineData("Send-MetalOtpSms", "InputObject OtpConfirmation by-value\nConfirm SwitchParameter alias=cf\nWhatIf SwitchParameter alias=wi")]
    public void Declared_as_the_contract_says(string cmdlet, string own)
    {
        using var shell = new Shell();
        var command = Assert.IsType<CmdletInfo>(Assert.Single(shell.Run($"Get-Command {cmdlet}").Success));

        var declared = command.Parameters.Values
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .SelectMany(parameter => parameter.ParameterSets.Select(set => Describe(parameter, set.Key, set.Value)));

        Assert.Equal($"{own}\n{Shared}".Split('\n', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Retries_as_often_as_told(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(429);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run($"$api.MaximumRetryCount = 2; {script} @api");

        Assert.Equal([MetalErrorIds.RateLimited], outcome.ErrorIds);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Waits_no_longer_than_told(string script)
    {
        await using LoopbackServer server = LoopbackServer.Unresponsive();
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run($"{script} @api -TimeoutSec 1");

        Assert.Equal([MetalErrorIds.Timeout], outcome.ErrorIds);
        Assert.Equal(ErrorCategory.OperationTimeout, outcome.Errors[0].CategoryInfo.Category);
        Assert.Single(server.Requests);
        await Condition.IsTrueAsync(() => server.OpenConnectionCount == 0);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Goes_through_the_proxy(string script)
    {
        await using LoopbackServer proxy = LoopbackServer.Responding(request =>
            request.Header("Proxy-Authorization") is not null
                ? Response.Create(200, """{"recovery_codes":[]}""")
                : Response.Create(407, "", "Proxy-Authenticate: Basic realm=\"x\""));
        using var shell = new Shell(new Uri("http://127.0.0.1:9/metal/v1"));
        shell["proxy"] = new Uri(proxy.BaseUrl.GetLeftPart(UriPartial.Authority));
        shell["credential"] = new PSCredential("user", Secret.Secure(Canary.ProxyPassword));

        _ = shell.Run($"{script} @api -Proxy $proxy -ProxyCredential $credential").Success;

        Assert.Equal(2, proxy.Requests.Count);
        Assert.StartsWith("http://127.0.0.1:9/metal/v1/user/otp/", proxy.Requests[1].Target, StringComparison.Ordinal);
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{Canary.ProxyPassword}"));
        Assert.Equal($"Basic {basic}", proxy.Requests[1].Header("Proxy-Authorization"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Goes_straight_without_a_proxy(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell(server.BaseUrl);

        _ = shell.Run($"{script} @api -NoProxy").Success;

        Assert.StartsWith("/metal/v1/user/otp/", Assert.Single(server.Requests).Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-TimeoutSec 0")]
    [InlineData("-TimeoutSec 86401")]
    [InlineData("-MaximumRetryCount -1")]
    [InlineData("-MaximumRetryCount 101")]
    [InlineData("-RetryIntervalSec -1")]
    [InlineData("-RetryIntervalSec 3601")]
    public void Numbers_have_bounds(string parameters)
    {
        using var shell = new Shell();

        foreach (string script in Scripts.All)
        {
            Assert.Equal(["ParameterArgumentValidationError"], shell.Run($"{script} {parameters}").ErrorIds);
        }
    }

    [Theory]
    [InlineData("-Token $null -ApiUrl $url", MetalErrorIds.InvalidToken)]
    [InlineData("-Token $token -ApiUrl $null", MetalErrorIds.InvalidApiUrl)]
    [InlineData("-Token $token -ApiUrl $url -Proxy $null", MetalErrorIds.InvalidProxy)]
    [InlineData("-SessionToken $missing -ApiUrl $url", MetalErrorIds.InvalidToken)]
    public async Task Null_is_no_way_to_leave_a_parameter_out(string parameters, string errorId)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell();
        shell["url"] = server.BaseUrl;
        shell["token"] = Secret.Secure(Canary.Token);

        foreach (string script in Scripts.All)
        {
            Assert.Equal([errorId], shell.Run($"{script} {parameters}").ErrorIds);
        }

        Assert.Empty(server.Requests);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Token_and_url_come_by_property_name(string script)
    {
        await using LoopbackServer one = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        await using LoopbackServer two = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell();
        shell["accounts"] = new object[] { Account("Token", "tokenOne", one.BaseUrl), Account("SessionToken", "tokenTwo", two.BaseUrl), Account("Token", "tokenThree", one.BaseUrl) };

        // Piping an object by value would take -Otp from it, so the OTP is bound already.
        _ = shell.Run($"$accounts | {script}").Success;

        Assert.Equal(["tokenOne", "tokenThree"], one.Requests.Select(request => request.Header("X-Auth-Token")));
        Assert.Equal(["tokenTwo"], two.Requests.Select(request => request.Header("X-Auth-Token")));

        static PSObject Account(string name, string token, Uri url) => new()
        {
            Properties = { new PSNoteProperty(name, Secret.Secure(token)), new PSNoteProperty("ApiUrl", url) },
        };
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task A_rows_bad_url_is_not_taken_for_the_last_rows(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(200, """{"recovery_codes":[]}""");
        using var shell = new Shell();
        shell["token"] = Secret.Secure(Canary.Token);
        shell["urls"] = new object[] { server.BaseUrl, new Uri("http://elsewhere.invalid/") };

        Outcome outcome = shell.Run($"$urls | % {{ [pscustomobject]@{{ ApiUrl = $_ }} }} | {script} -Token $token");

        Assert.Equal([MetalErrorIds.InsecureApiUrl], outcome.ErrorIds);
        Assert.NotEqual<object?>(server.BaseUrl, outcome.Errors[0].TargetObject);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task Url_may_end_in_a_slash(string end)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell();
        shell["url"] = server.BaseUrl.AbsoluteUri + end;
        shell["token"] = Secret.Secure(Canary.Token);

        _ = shell.Run("Send-MetalOtpSms -ApiUrl $url -Token $token").Success;

        Assert.Equal("/metal/v1/user/otp/sms/receive", Assert.Single(server.Requests).Target);
    }

    [Fact]
    public void Credential_is_asked_for_by_the_engines_own_attribute()
    {
        using var shell = new Shell();
        var command = Assert.IsType<CmdletInfo>(Assert.Single(shell.Run("Get-Command Get-MetalRecoveryCode").Success));

        Assert.Contains(command.Parameters["ProxyCredential"].Attributes, attribute => attribute is CredentialAttribute);
        Assert.Equal(typeof(SecureString), command.Parameters["Token"].ParameterType);
    }

    private static string Describe(ParameterMetadata parameter, string set, ParameterSetMetadata flags)
    {
        string?[] parts =
        [
            set == "__AllParameterSets" ? null : $"[{set}]",
            parameter.Name,
            parameter.ParameterType.Name,
            flags.IsMandatory ? "mandatory" : null,
            flags.Position == int.MinValue ? null : $"{flags.Position}",
            flags.ValueFromPipeline ? "by-value" : null,
            flags.ValueFromPipelineByPropertyName ? "by-name" : null,
            parameter.Aliases.Count == 0 ? null : $"alias={string.Join(',', parameter.Aliases)}",
        ];
        return string.Join(' ', parts.Where(part => part is not null));
    }
}
