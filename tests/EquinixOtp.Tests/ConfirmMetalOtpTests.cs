using EquinixOtp.Emulator;
using OtpNet;

namespace EquinixOtp.Tests;

public class ConfirmMetalOtpTests
{
    private const string Rejection = """{"errors":["Invalid OTP"]}""";

    [Fact]
    public async Task Confirms_a_code_sent_by_sms()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        _ = shell.Run("Send-MetalOtpSms @api").Success;
        shell["otp"] = emulator.Accounts[0].SmsCodes[0];
        DateTimeOffset before = DateTimeOffset.Now;

        Outcome outcome = shell.Run("$c = Confirm-MetalOtp $otp @api; $c.GetType().FullName; $c.SessionToken; $c.ConfirmedAt; $c.RequestId");

        Assert.Equal("EquinixOtp.OtpConfirmation", outcome.Success[0]);
        Assert.Null(outcome.Output[1]);
        Assert.InRange(Assert.IsType<DateTimeOffset>(outcome.Output[2]), before, DateTimeOffset.Now);
        Assert.True(Guid.TryParse(Assert.IsType<string>(outcome.Output[3]), out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Confirms_by_a_totp_secret(bool asUri)
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);
        EmulatedAccount account = emulator.Accounts[0];
        shell["secret"] = Secret.Secure(asUri ? account.TotpUri.AbsoluteUri : account.TotpSecret);

        Assert.Equal([true], shell.Run("Confirm-MetalOtp -TotpSecret $secret -Quiet @api").Success);
    }

    [Fact]
    public async Task Totp_uri_rules_digits_period_and_algorithm()
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);
        shell["secret"] = Secret.Secure($"otpauth://totp/x:y?secret={Canary.TotpSecret}&digits=8&period=3600&algorithm=SHA512");
        var totp = new Totp(Base32Encoding.ToBytes(Canary.TotpSecret), 3600, OtpHashMode.Sha512, 8);
        string before = totp.ComputeTotp();

        _ = shell.Run("Confirm-MetalOtp -TotpSecret $secret @api").Success;

        Assert.Contains(Assert.Single(server.Requests).Target.Split('/')[^1], new[] { before, totp.ComputeTotp() });
    }

    [Theory]
    [InlineData("Confirm-MetalOtp 012345 @api")]
    [InlineData("Confirm-MetalOtp -Otp 012345 @api")]
    [InlineData("Confirm-MetalOtp -Code 012345 @api")]
    [InlineData("Confirm-MetalOtp '012345' @api")]
    [InlineData("Confirm-MetalOtp ' 012 345 ' @api")]
    [InlineData("$otp = [System.Net.NetworkCredential]::new('', '012345').SecurePassword; Confirm-MetalOtp $otp @api")]
    [InlineData("[System.Net.NetworkCredential]::new('', '012345').SecurePassword | Confirm-MetalOtp @api")]
    [InlineData("'012345' | Confirm-MetalOtp @api")]
    [InlineData("[pscustomobject]@{ Otp = '012345' } | Confirm-MetalOtp @api")]
    [InlineData("[pscustomobject]@{ Code = '012345' } | Confirm-MetalOtp @api")]
    public async Task Sends_the_leading_zero(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Assert.Single(shell.Run(script).Success);

        RecordedRequest request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/metal/v1/user/otp/verify/012345"), (request.Method, request.Target));
    }

    [Theory]
    [InlineData("012345 | Confirm-MetalOtp @api")]
    [InlineData("Confirm-MetalOtp '' @api")]
    [InlineData("Confirm-MetalOtp $null @api")]
    [InlineData("Confirm-MetalOtp '..' @api")]
    [InlineData("012345 | Confirm-MetalOtp -Quiet @api")]
    public async Task Refuses_what_is_no_otp_before_any_call(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(424, Rejection);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run(script);

        Assert.Equal([MetalErrorIds.InvalidOtp], outcome.ErrorIds);
        Assert.NotEmpty(outcome.Errors[0].ErrorDetails.RecommendedAction);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("a?b#c%", "a%3Fb%23c%25")]
    [InlineData("12/34ab", "12%2F34ab")]
    [InlineData("ключ-42", "%D0%BA%D0%BB%D1%8E%D1%87-42")]
    public async Task Sends_any_other_text_as_one_path_segment(string otp, string segment)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);
        shell["otp"] = otp;

        _ = shell.Run("Confirm-MetalOtp $otp @api").Success;

        Assert.Equal("/metal/v1/user/otp/verify/" + segment, Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task One_items_failure_does_not_stop_the_next()
    {
        await using LoopbackServer server = LoopbackServer.Responding(request =>
            request.Target.EndsWith("222222", StringComparison.Ordinal) ? Response.Create(204) : Response.Create(424, Rejection));
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run("'111111', '12', '222222', '333333' | Confirm-MetalOtp @api -ErrorAction Continue");

        Assert.Single(outcome.Output);
        Assert.Equal([MetalErrorIds.OtpRejected, MetalErrorIds.InvalidOtp, MetalErrorIds.OtpRejected], outcome.ErrorIds);
        Assert.Equal(["111111", "222222", "333333"], server.Requests.Select(request => request.Target.Split('/')[^1]));
    }

    [Fact]
    public async Task Error_action_stop_ends_the_pipeline()
    {
        await using LoopbackServer server = LoopbackServer.Responding(424, Rejection);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run("'111111', '222222' | Confirm-MetalOtp @api -ErrorAction Stop");

        Assert.Equal([MetalErrorIds.OtpRejected], outcome.ErrorIds);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Quiet_tells_right_from_wrong_and_reports_the_rest()
    {
        await using LoopbackServer server = LoopbackServer.Responding(request => request.Target.Split('/')[^1] switch
        {
            "111111" => Response.Create(204),
            "222222" => Response.Create(401, """{"error":"OTP is invalid"}"""),
            "333333" => Response.Create(424, Rejection),
            _ => Response.Create(401, """{"error":"Invalid authentication token"}"""),
        });
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run("'111111', '222222', '333333', '444444' | Confirm-MetalOtp -Quiet @api");

        Assert.Equal([true, false, false], outcome.Output);
        Assert.Equal([MetalErrorIds.Unauthorized], outcome.ErrorIds);
    }

    [Fact]
    public async Task Nothing_is_retried_when_a_totp_code_is_rejected()
    {
        await using LoopbackServer server = LoopbackServer.Responding(424, Rejection);
        using var shell = new Shell();
        shell.SetApi(server.BaseUrl, Canary.Token, retry: true);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        Outcome outcome = shell.Run("Confirm-MetalOtp -TotpSecret $secret @api");

        Assert.Equal([MetalErrorIds.OtpRejected], outcome.ErrorIds);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("Confirm-MetalOtp -Otp 123456 -TotpSecret $secret @api", "AmbiguousParameterSet")]
    [InlineData("Confirm-MetalOtp -TotpSecret $null @api", "InvalidTotpSecret")]
    [InlineData("Confirm-MetalOtp -TotpSecret $notBase32 @api", "InvalidTotpSecret")]
    public async Task Refuses_a_muddled_second_factor(string script, string errorId)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);
        shell["notBase32"] = Secret.Secure("0189!");

        Assert.Equal([errorId], shell.Run(script).ErrorIds);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("Confirm-MetalOtp 123456 @api | Get-MetalRecoveryCode")]
    [InlineData("$c = Confirm-MetalOtp 123456 @api; Get-MetalRecoveryCode -InputObject $c")]
    [InlineData("$c = Confirm-MetalOtp 123456 @api; Get-MetalRecoveryCode -ApiUrl $c.ApiUrl -SessionToken $c.SessionToken")]
    public async Task Session_token_serves_the_next_cmdlet(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(request => request.Method == "POST"
            ? Response.Create(200, $$"""{"token":"{{Canary.SessionToken}}"}""", "Content-Type: application/json")
            : Response.Create(200, """{"recovery_codes":["a"]}""", "Content-Type: application/json"));
        using var shell = new Shell(server.BaseUrl);
        shell["url"] = server.BaseUrl;

        Assert.Single(shell.Run(script).Success);

        Assert.Equal([Canary.Token, Canary.SessionToken], server.Requests.Select(request => request.Header("X-Auth-Token")));
    }

    [Theory]
    [InlineData("[byte]1")]
    [InlineData("[uint32]123456")]
    [InlineData("[long]123456")]
    [InlineData("[decimal]123456")]
    [InlineData("[decimal]123456.0")]
    [InlineData("123456l")]
    [InlineData("123456")]
    public async Task Whole_numbers_of_every_type_are_otps(string number)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Outcome outcome = shell.Run($"Confirm-MetalOtp ({number}) @api");

        Assert.Equal(number == "[byte]1" ? [MetalErrorIds.InvalidOtp] : [], outcome.ErrorIds);
        Assert.All(server.Requests, request => Assert.EndsWith("/123456", request.Target, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("123456.5")]
    [InlineData("-123456")]
    [InlineData("[datetime]::Now")]
    [InlineData("@{ Otp = 1 }")]
    [InlineData("'123456', '234567'")]
    public async Task Other_objects_are_not_otps(string value)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Assert.Equal(["ParameterArgumentTransformationError"], shell.Run($"Confirm-MetalOtp ({value}) @api").ErrorIds);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("Confirm-MetalOtp 123456 @api -WhatIf")]
    [InlineData("$WhatIfPreference = $true; Confirm-MetalOtp 123456 @api")]
    public async Task What_if_uses_no_otp_up(string script)
    {
        await using LoopbackServer server = LoopbackServer.Responding(204);
        using var shell = new Shell(server.BaseUrl);

        Assert.Empty(shell.Run(script).Success);

        Assert.Empty(server.Requests);
        Assert.Contains(server.BaseUrl.Authority, shell.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_token_of_the_emulator_works()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync(sessionTokens: true);
        using var shell = new Shell(emulator.Url);
        shell["secret"] = Secret.Secure(Canary.TotpSecret);

        Outcome outcome = shell.Run("Confirm-MetalOtp -TotpSecret $secret @api | Get-MetalRecoveryCode -AsPlainText");

        Assert.Equal(emulator.Accounts[0].RecoveryCodes, outcome.Success);
    }

    [Fact]
    public async Task Recovery_codes_pipe_into_it()
    {
        await using MetalEmulator emulator = await Emulators.StartAsync();
        using var shell = new Shell(emulator.Url);

        Outcome outcome = shell.Run("$codes = Get-MetalRecoveryCode @api; $codes[0], $codes[0] | Confirm-MetalOtp -Quiet @api");

        Assert.Equal([true, false], outcome.Success);
    }
}
