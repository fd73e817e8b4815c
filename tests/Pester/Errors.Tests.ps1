<#
    The error records: id, category, exception and texts, once for each id. The client's unit tests test which id
    each response and each input has.
#>
BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:emulator = Open-Emulator
}

AfterAll {
    $emulator | Close-Emulator
    Restore-MetalEnvironment $environment
}

Describe 'The error <Id>' -ForEach @(
    @{ Id = 'OtpRejected'; Category = 'PermissionDenied'; Status = 424; Body = '{ "errors": ["Invalid OTP"] }' }
    @{ Id = 'Unauthorized'; Category = 'AuthenticationError'; Status = 401; Body = '{ "error": "Invalid authentication token" }' }
    @{ Id = 'Forbidden'; Category = 'PermissionDenied'; Status = 403; Body = '{ "errors": ["Access denied"] }' }
    @{ Id = 'NotFound'; Category = 'ObjectNotFound'; Status = 404 }
    @{ Id = 'RequestRejected'; Category = 'InvalidOperation'; Status = 418; Action = 'two-factor' }
    @{ Id = 'RateLimited'; Category = 'LimitsExceeded'; Status = 429; Headers = @{ 'Retry-After' = '3600' } }
    @{ Id = 'ServerError'; Category = 'ResourceUnavailable'; Status = 500; Body = '{ "errors": ["Oh snap"] }' }
    @{ Id = 'UnexpectedRedirect'; Category = 'SecurityError'; Status = 302; Headers = @{ Location = 'http://127.0.0.1:9/' } }
    @{ Id = 'InvalidResponse'; Category = 'InvalidData'; Status = 422; Body = '<html>'; With = @{ Quiet = $true } }
    @{ Id = 'InvalidResponse'; Category = 'InvalidData'; Status = 407; Action = '-ProxyCredential' }
    @{ Id = 'ConnectionFailed'; Category = 'ConnectionError'; Fault = @{ connection = 'close' } }
    @{ Id = 'Timeout'; Category = 'OperationTimeout'; Fault = @{ delay = '00:01:00' }; With = @{ TimeoutSec = 1 } }
    @{ Id = 'InvalidOtp'; Category = 'InvalidArgument'; With = @{ Otp = '1' * 65537 } }
    @{ Id = 'TokenNotFound'; Category = 'AuthenticationError'; Ends = $true; Token = '' }
    @{ Id = 'InvalidToken'; Category = 'InvalidArgument'; Ends = $true; Token = 'canary token' }
    @{ Id = 'InvalidApiUrl'; Category = 'InvalidArgument'; Ends = $true; Url = 'https://user:canary@127.0.0.1/' }
    @{ Id = 'InvalidApiUrl'; Category = 'InvalidArgument'; Ends = $true; Url = 'https://127.0.0.1/user:canary@metal' }
    @{ Id = 'InsecureApiUrl'; Category = 'SecurityError'; Ends = $true; Url = 'http://metal.invalid/' }
    @{ Id = 'InvalidProxy'; Category = 'InvalidArgument'; Ends = $true; With = @{ Proxy = 'ftp://127.0.0.1' } }
    @{ Id = 'InvalidTotpSecret'; Category = 'InvalidArgument'; Ends = $true; With = @{ TotpSecret = '0189!' } }
) {
    BeforeAll {
        Restore-Emulator $emulator
        $script:target = if ($Url) { $Url } else { $emulator.Url }
        if ($null -ne $Token) {
            $env:METAL_AUTH_TOKEN = $Token
        }
        if ($Status) {
            $Fault = @{ status = $Status; headers = @{ 'X-Request-Id' = 'request-1' }; body = $Body }
            foreach ($header in $Headers.Keys) {
                $Fault.headers[$header] = $Headers[$header]
            }
        }
        if ($Fault) {
            Add-EmulatorFault ($Fault + @{ operation = '*' })
        }
        $parameters = @{ ApiUrl = $target; MaximumRetryCount = 0 }
        foreach ($parameter in $With.Keys) {
            $parameters[$parameter] = $With[$parameter]
        }
        if ($parameters.TotpSecret) {
            $parameters.TotpSecret = ConvertTo-Secure $parameters.TotpSecret
        } elseif (-not $parameters.Otp) {
            $parameters.Otp = '123456'
        }
        $script:hasEnded = $false
        try {
            $script:output = Confirm-MetalOtp @parameters -ErrorAction SilentlyContinue -ErrorVariable failures
            $script:failure = $failures[0]
        } catch {
            $script:hasEnded = $true
            $script:failure = $_
        }
    }

    It 'has its id and category' {
        $failure.FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.ConfirmMetalOtpCommand"
        $failure.FullyQualifiedErrorId | Should -BeLike "$([EquinixOtp.MetalErrorId]::$Id),*"
        $failure.CategoryInfo.Category | Should -Be $Category
    }

    It 'ends the pipeline only if no item of it can succeed' {
        $hasEnded | Should -Be ($Ends -eq $true)
    }

    It 'has the API''s URL as its target, unless it may contain a password' {
        $failure.TargetObject | Should -Be $(if ($Id -ne 'InvalidApiUrl') { $target })
    }

    It 'says what happened and what to do' {
        $failure.ErrorDetails.Message | Should -Be $failure.Exception.Message
        $failure.ErrorDetails.RecommendedAction | Should -Match "$Action."
        $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
    }

    It 'has an exception with the response''s details and without another exception in it' {
        $failure.Exception | Should -BeOfType EquinixOtp.MetalApiException
        $failure.Exception.InnerException | Should -BeNullOrEmpty
        $failure.Exception.StatusCode | Should -Be $Status
        $failure.Exception.RequestId | Should -Be $(if ($Status) { 'request-1' })
        $failure.Exception.RetryAfter | Should -Be $(if ($Id -eq 'RateLimited') { [timespan]::FromHours(1) })
        $json = $Body | Where-Object { $_ -like '{*' } | ConvertFrom-Json
        $messages = @($json.error, $json.errors | ForEach-Object { $_ } | Where-Object { $_ })
        @($failure.Exception.Errors) | Should -Be $messages
        foreach ($part in @($messages; $Status; $failure.Exception.RequestId) -ne $null) {
            $failure.ErrorDetails.Message | Should -Match $part
        }
    }
}
