Describe 'Confirm-MetalOtp' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator -Accounts 2

        function Request-Otp {
            Send-MetalOtpSms
            @(Get-Sms)[-1].code
        }

        function Enable-AnyOtp {
            param([string] $SessionToken)

            $fault = @{ operation = 'findEnsureOtp'; status = 204 }
            if ($SessionToken) {
                $fault = @{ operation = 'findEnsureOtp'; status = 200; body = "{ `"token`": `"$SessionToken`" }" }
            }
            Add-EmulatorFault $fault
        }

        function Get-SentOtp {
            (Get-ApiRequest).path -replace '^/metal/v1/user/otp/verify/'
        }
    }

    BeforeEach {
        Restore-Emulator $emulator
    }

    AfterAll {
        $emulator | Close-Emulator
        Restore-MetalEnvironment $environment
    }

    It 'emits a confirmation' {
        $otp = Request-Otp
        $before = [DateTimeOffset]::Now
        $confirmation = Confirm-MetalOtp -Otp $otp
        $? | Should -BeTrue

        $confirmation | Should -HaveCount 1
        $confirmation | Should -BeOfType EquinixOtp.OtpConfirmation
        $confirmation.ApiUrl | Should -Be $emulator.Url
        $confirmation.SessionToken | Should -BeNullOrEmpty
        $confirmation.RequestId | Should -Not -BeNullOrEmpty
        $confirmation.ConfirmedAt | Should -BeGreaterOrEqual $before
        $confirmation.ConfirmedAt | Should -BeLessOrEqual ([DateTimeOffset]::Now)
    }

    It 'emits the session token as a SecureString' {
        Enable-AnyOtp 'session-token'
        ConvertFrom-Secure (Confirm-MetalOtp 123456).SessionToken | Should -Be 'session-token'
    }

    It 'shows <Shown> for a session token in the default view' -ForEach @(
        @{ Token = ''; Shown = 'none' }
        @{ Token = 'session-token'; Shown = '******' }
    ) {
        Enable-AnyOtp $Token
        $confirmation = Confirm-MetalOtp 123456
        @($confirmation | Out-String -Stream | Where-Object { $_ }) -replace ' +: ', '=' | Should -Be @(
            "ConfirmedAt=$($confirmation.ConfirmedAt)"
            "SessionToken=$Shown"
            "RequestId=$($confirmation.RequestId)"
        )
    }

    Context 'given an OTP' {
        It 'sends it with its leading zero: <Call>' -ForEach @(
            @{ Call = { Confirm-MetalOtp 012349 } }
            @{ Call = { Confirm-MetalOtp -Otp 012349 } }
            @{ Call = { Confirm-MetalOtp -Code 012349 } }
            @{ Call = { Confirm-MetalOtp ' 012 349 ' } }
            @{ Call = { Confirm-MetalOtp (ConvertTo-Secure '012349') } }
            @{ Call = { ConvertTo-Secure '012349' | Confirm-MetalOtp } }
            @{ Call = { '012349' | Confirm-MetalOtp } }
            @{ Call = { [pscustomobject]@{ Otp = '012349' } | Confirm-MetalOtp } }
            @{ Call = { [pscustomobject]@{ Code = ConvertTo-Secure '012349' } | Confirm-MetalOtp } }
            @{ Call = { '{ "otp": "012349", "user": "a" }' | ConvertFrom-Json | Confirm-MetalOtp } }
            @{ Call = { 'User,Otp', 'a,012349' | ConvertFrom-Csv | Confirm-MetalOtp } }
        ) {
            Enable-AnyOtp
            & $Call | Should -HaveCount 1
            Get-SentOtp | Should -Be '012349'
        }

        It 'sends a whole number: <Call>' -ForEach @(
            @{ Call = { Confirm-MetalOtp ([uint32] 123456) } }
            @{ Call = { Confirm-MetalOtp ([long] 123456) } }
            @{ Call = { Confirm-MetalOtp ([decimal] 123456.0) } }
            @{ Call = { Confirm-MetalOtp 123456l } }
            @{ Call = { 123456 | Confirm-MetalOtp } }
            @{ Call = { '{ "otp": 123456 }' | ConvertFrom-Json | Confirm-MetalOtp } }
        ) {
            Enable-AnyOtp
            & $Call | Should -HaveCount 1
            Get-SentOtp | Should -Be '123456'
        }

        It 'sends <Otp> as one path segment' -ForEach @(
            @{ Otp = '12/3456'; Segment = '12%2F3456' }
            @{ Otp = 'a?b#c%25'; Segment = 'a%3Fb%23c%2525' }
        ) {
            Enable-AnyOtp
            $null = Confirm-MetalOtp $Otp
            Get-SentOtp | Should -Be $Segment
        }

        It 'accepts the output of Get-MetalRecoveryCode' {
            Get-MetalRecoveryCode | Select-Object -First 1 | Confirm-MetalOtp -Quiet | Should -BeTrue
        }

        It 'refuses <Otp> without a request' -ForEach @(
            @{ Otp = '' }
            @{ Otp = $null }
            @{ Otp = '12345' }
            @{ Otp = [byte] 0 }
            @{ Otp = 12345 }
            @{ Otp = "123456`n" }
            @{ Otp = '..' }
        ) {
            Confirm-MetalOtp -Otp $Otp -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures.FullyQualifiedErrorId | Should -Be 'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
            $failures[0].ErrorDetails.RecommendedAction | Should -Match 'quotes'
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'refuses <Otp>, which is neither text nor a whole number' -ForEach @(
            @{ Otp = 123456.5 }
            @{ Otp = -123456 }
            @{ Otp = [datetime]::new(2026, 1, 2) }
            @{ Otp = @{ Otp = '123456' } }
            @{ Otp = '123456', '234567' }
        ) {
            { Confirm-MetalOtp -Otp $Otp } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,EquinixOtp.ConfirmMetalOtpCommand'
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'sends nothing for a piped object without an OTP: <Item>' -ForEach @(
            @{ Item = [pscustomobject]@{ Pin = '123456' } }
            @{ Item = @{ Otp = '123456' } }
            @{ Item = [pscustomobject]@{ Otp = [pscustomobject]@{ Pin = '123456' } } }
        ) {
            $Item | Confirm-MetalOtp -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures[0].CategoryInfo.Category | Should -BeIn 'InvalidArgument', 'InvalidData'
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'continues after an item that fails' {
            Add-EmulatorFault @{ operation = 'findEnsureOtp'; status = 424; body = '{ "errors": ["Invalid OTP"] }'; count = 1 }
            Enable-AnyOtp
            $results = '111111', '12', '222222' | Confirm-MetalOtp -ErrorAction SilentlyContinue -ErrorVariable failures

            $results | Should -HaveCount 1
            $failures.FullyQualifiedErrorId | Should -Be @(
                'OtpRejected,EquinixOtp.ConfirmMetalOtpCommand'
                'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
            )
            Get-SentOtp | Should -Be '111111', '222222'
        }
    }

    Context 'given -Quiet' {
        It 'emits $true for a valid OTP and $false when it is used again' {
            $otp = Request-Otp
            $results = $otp, $otp | Confirm-MetalOtp -Quiet -ErrorVariable failures
            $? | Should -BeTrue
            $results | Should -BeOfType bool
            $results | Should -Be $true, $false
            $failures | Should -BeNullOrEmpty
        }

        It 'reports every other failure: <Id>' -ForEach @(
            @{ Id = 'InvalidOtp'; Otp = '12345' }
            @{ Id = 'Unauthorized'; Otp = '123456' }
        ) {
            $env:METAL_AUTH_TOKEN = 'x'
            Confirm-MetalOtp $Otp -Quiet -ErrorAction SilentlyContinue -ErrorVariable failures | Should -BeNullOrEmpty
            $failures.FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.ConfirmMetalOtpCommand"
        }
    }

    Context 'given a TOTP secret' {
        It 'sends the current code of <Name>' -ForEach @(
            @{ Name = 'base32'; Edit = { $_ } }
            @{ Name = 'base32 in lower case and groups'; Edit = { $_.ToLowerInvariant() -replace '(.{4})', '$1 ' } }
            @{ Name = 'a URI'; Edit = { "otpauth://totp/Metal:user?secret=$_&issuer=Metal" } }
        ) {
            $secret = ConvertTo-Secure ($emulator.TotpSecret | ForEach-Object $Edit)
            Confirm-MetalOtp -TotpSecret $secret | Should -BeOfType EquinixOtp.OtpConfirmation
        }

        It 'sends a rejected code only once' {
            Confirm-MetalOtp -TotpSecret (ConvertTo-Secure 'JBSWY3DPEHPK3PXP') -Quiet | Should -BeFalse
            Get-ApiRequest | Should -HaveCount 1
        }

        It 'refuses plain text, and does not quote it' {
            $plain = 'canary-secret'
            $failure = { Confirm-MetalOtp -TotpSecret $plain } | Should -Throw -PassThru
            $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
        }

        It 'refuses an OTP beside it' {
            { Confirm-MetalOtp -Otp '123456' -TotpSecret (ConvertTo-Secure $emulator.TotpSecret) } |
                Should -Throw -ErrorId 'AmbiguousParameterSet,EquinixOtp.ConfirmMetalOtpCommand'
        }
    }
}
