Describe 'Confirm-MetalOtp' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        # TOTP codes are good once an account, so each test that sends one has an account of its own.
        $script:emulator = Open-Emulator -Accounts 6
        $script:sessions = Open-Emulator '--session-tokens'

        function Request-Otp {
            Send-MetalOtpSms
            Receive-SmsCode $emulator
        }
    }

    BeforeEach {
        Use-Emulator $emulator
    }

    AfterAll {
        $emulator, $sessions | Close-Emulator
        Restore-MetalEnvironment $environment
    }

    Context 'an OTP that is right' {
        It 'gives a confirmation' {
            $before = [DateTimeOffset]::Now
            $confirmation = Confirm-MetalOtp -Otp (Request-Otp)

            $confirmation | Should -HaveCount 1
            $confirmation | Should -BeOfType EquinixOtp.OtpConfirmation
            $confirmation.SessionToken | Should -BeNullOrEmpty
            $confirmation.RequestId | Should -Not -BeNullOrEmpty
            $confirmation.ConfirmedAt | Should -BeOfType DateTimeOffset
            $confirmation.ConfirmedAt | Should -BeGreaterOrEqual $before
            $confirmation.ConfirmedAt | Should -BeLessOrEqual ([DateTimeOffset]::Now)
        }

        It 'is taken by position' {
            Confirm-MetalOtp (Request-Otp) -Quiet | Should -BeTrue
        }

        It 'is taken by its alias Code' {
            Confirm-MetalOtp -Code (Request-Otp) -Quiet | Should -BeTrue
        }

        It 'is a recovery code too' {
            $codes = Get-MetalRecoveryCode -AsPlainText
            Confirm-MetalOtp $codes[0] -Quiet | Should -BeTrue
            Get-MetalRecoveryCode -AsPlainText | Should -Be $codes[1..9]
        }

        It 'keeps its leading zero when typed without quotes' {
            $code = Request-Otp
            for ($i = 0; $i -lt 1000 -and $code[0] -ne '0'; $i++) {
                $code = Request-Otp
            }

            $code | Should -Match '^0[0-9]{5}$'
            & ([scriptblock]::Create("Confirm-MetalOtp -Otp $code -Quiet")) | Should -BeTrue
        }

        It 'may be a number that lost nothing' {
            $code = Request-Otp
            for ($i = 0; $i -lt 1000 -and $code[0] -eq '0'; $i++) {
                $code = Request-Otp
            }

            [int] $code | Confirm-MetalOtp -Quiet | Should -BeTrue
        }

        It 'gives $true with -Quiet' {
            Confirm-MetalOtp (Request-Otp) -Quiet | Should -BeOfType bool
        }

        It 'sets $?' {
            $null = Confirm-MetalOtp (Request-Otp)
            $? | Should -BeTrue
        }
    }

    Context 'the pipeline' {
        It 'takes OTPs by value' {
            $codes = Get-MetalRecoveryCode -AsPlainText | Select-Object -Last 2
            $codes | Confirm-MetalOtp -Quiet | Should -Be $true, $true
        }

        It 'takes OTPs by name from <From>' -ForEach @(
            @{ From = 'a hashtable as an object'; Make = { param($otp) [pscustomobject]@{ Otp = $otp } } }
            @{ From = 'its alias'; Make = { param($otp) [pscustomobject]@{ Code = $otp } } }
            @{ From = 'JSON'; Make = { param($otp) "{ `"otp`": `"$otp`", `"user`": `"somebody`" }" | ConvertFrom-Json } }
            @{ From = 'CSV text'; Make = { param($otp) 'User,Otp', "somebody,$otp" | ConvertFrom-Csv } }
            @{
                From = 'a CSV file'
                Make = {
                    param($otp)
                    Set-Content "$TestDrive/otp.csv" 'User,Otp', "somebody,$otp"
                    Import-Csv "$TestDrive/otp.csv"
                }
            }
        ) {
            & $Make (Request-Otp) | Confirm-MetalOtp -Quiet | Should -BeTrue
        }

        It 'takes a number from JSON' {
            $code = Request-Otp
            for ($i = 0; $i -lt 1000 -and $code[0] -eq '0'; $i++) {
                $code = Request-Otp
            }

            "{ `"otp`": $code }" | ConvertFrom-Json | Confirm-MetalOtp -Quiet | Should -BeTrue
        }

        It 'takes a recovery code as Get-MetalRecoveryCode gives it' {
            Get-MetalRecoveryCode | Select-Object -First 1 | Confirm-MetalOtp -Quiet | Should -BeTrue
        }

        It 'takes token and URL by name too, a row for each account' {
            Use-Emulator
            $rows = foreach ($token in $emulator.Tokens[0, 1]) {
                $otp = Get-MetalRecoveryCode -Token (ConvertTo-Secure $token) -ApiUrl $emulator.Url -AsPlainText | Select-Object -First 1
                [pscustomobject]@{ Otp = $otp; Token = ConvertTo-Secure $token; ApiUrl = $emulator.Url }
            }

            $rows | Confirm-MetalOtp -Quiet | Should -Be $true, $true
        }

        It 'sends nothing of an object that holds no OTP: <Name>' -ForEach @(
            @{ Name = 'a row with another column'; Item = [pscustomobject]@{ Pin = '123456' } }
            @{ Name = 'a date'; Item = [datetime]::new(2026, 1, 2) }
            @{ Name = 'a hashtable'; Item = @{ Otp = '123456' } }
            @{ Name = 'a row with an object in place'; Item = [pscustomobject]@{ Otp = [pscustomobject]@{ Pin = '123456' } } }
        ) {
            $lines = $Item | Confirm-MetalOtp -Verbose -ErrorAction SilentlyContinue -ErrorVariable failures 4>&1
            $lines | Select-Attempt | Should -BeNullOrEmpty
            $failures[0].CategoryInfo.Category | Should -BeIn 'InvalidArgument', 'InvalidData'
        }

        It 'makes no call as another when a row''s token is no SecureString' {
            $row = [pscustomobject]@{ Otp = '123456'; Token = 'token-in-plain-text' }
            $lines = $row | Confirm-MetalOtp -Verbose -ErrorAction SilentlyContinue -ErrorVariable failures 4>&1
            $lines | Select-Attempt | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -Be 'ParameterArgumentTransformationError,EquinixOtp.ConfirmMetalOtpCommand'
            $failures[0].Exception.Message | Should -Not -Match 'token-in-plain-text'
        }

        It 'makes no call elsewhere when a row''s URL is none: <ApiUrl>' -ForEach @(
            @{ ApiUrl = 'http://[bad' }
            @{ ApiUrl = '' }
            @{ ApiUrl = 'somewhere' }
        ) {
            $row = [pscustomobject]@{ Otp = '123456'; ApiUrl = $ApiUrl }
            { $row | Confirm-MetalOtp } | Should -Throw -ErrorId 'InvalidApiUrl,EquinixOtp.ConfirmMetalOtpCommand'
        }

        It 'goes on after an item that fails' {
            $results = 'not-a-code', (Request-Otp), '12' |
                Confirm-MetalOtp -ErrorAction SilentlyContinue -ErrorVariable failures

            $results | Should -HaveCount 1
            $failures.FullyQualifiedErrorId | Should -Be @(
                'OtpRejected,EquinixOtp.ConfirmMetalOtpCommand'
                'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
            )
        }
    }

    Context 'an OTP that is wrong' {
        It 'is an error with the API''s words' {
            $null = Confirm-MetalOtp 'not-a-code' -ErrorAction SilentlyContinue -ErrorVariable failures
            $? | Should -BeFalse

            $failures | Should -HaveCount 1
            $failures[0].FullyQualifiedErrorId | Should -Be 'OtpRejected,EquinixOtp.ConfirmMetalOtpCommand'
            $failures[0].CategoryInfo.Category | Should -Be PermissionDenied
            $failures[0].Exception | Should -BeOfType EquinixOtp.MetalApiException
            [int] $failures[0].Exception.StatusCode | Should -Be 424
            $failures[0].Exception.Errors | Should -Be 'Invalid OTP'
            $failures[0].Exception.RequestId | Should -Not -BeNullOrEmpty
            $failures[0].ErrorDetails.Message | Should -Match ([regex]::Escape($failures[0].Exception.RequestId))
            $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'gives $false and no error with -Quiet' {
            $result = Confirm-MetalOtp 'not-a-code' -Quiet -ErrorVariable failures
            $? | Should -BeTrue
            $result | Should -BeOfType bool
            $result | Should -BeFalse
            $failures | Should -BeNullOrEmpty
        }

        It 'is sent once only' {
            $lines = @(Confirm-MetalOtp 'not-a-code' -Quiet -Verbose 4>&1)
            $lines | Select-Attempt | Should -HaveCount 1
        }

        It 'is a code that was used' {
            $code = Request-Otp
            Confirm-MetalOtp $code -Quiet | Should -BeTrue
            Confirm-MetalOtp $code -Quiet | Should -BeFalse
        }

        It 'is caught by type' {
            $caught = try {
                Confirm-MetalOtp 'not-a-code' -ErrorAction Stop
            } catch [EquinixOtp.MetalApiException] {
                $_
            }
            [int] $caught.Exception.StatusCode | Should -Be 424
        }

        It 'is caught by id' {
            $caught = try {
                Confirm-MetalOtp 'not-a-code' -ErrorAction Stop
            } catch {
                switch -Wildcard ($_.FullyQualifiedErrorId) {
                    "$([EquinixOtp.MetalErrorId]::OtpRejected),*" { 'rejected' }
                    default { 'something else' }
                }
            }
            $caught | Should -Be 'rejected'
        }

        It 'leaves nothing behind with -ErrorAction Ignore' {
            $count = $Error.Count
            Confirm-MetalOtp 'not-a-code' -ErrorAction Ignore | Should -BeNullOrEmpty
            $Error.Count | Should -Be $count
        }
    }

    Context 'an OTP that can''t be one' {
        It 'is refused without a call: <Name>' -ForEach @(
            @{ Name = 'empty'; Otp = '' }
            @{ Name = 'null'; Otp = $null }
            @{ Name = 'too few digits'; Otp = '12345' }
            @{ Name = 'white space'; Otp = 'abcd efgh' }
            @{ Name = 'a line end'; Otp = "123456`n" }
            @{ Name = 'a path'; Otp = '..' }
        ) {
            $lines = Confirm-MetalOtp -Otp $Otp -Verbose -ErrorAction SilentlyContinue -ErrorVariable failures 4>&1
            $lines | Select-Attempt | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -Be 'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
            $failures[0].CategoryInfo.Category | Should -Be InvalidArgument
        }

        It 'is a number that lost its zero, with the hint to quote it' {
            $lines = 012345 | Confirm-MetalOtp -Verbose -ErrorAction SilentlyContinue -ErrorVariable failures 4>&1
            $lines | Select-Attempt | Should -BeNullOrEmpty
            $failures[0].FullyQualifiedErrorId | Should -Be 'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
            $failures[0].ErrorDetails.RecommendedAction | Should -Match 'quote'
        }

        It 'is an error with -Quiet too' {
            { Confirm-MetalOtp '12345' -Quiet -ErrorAction Stop } |
                Should -Throw -ErrorId 'InvalidOtp,EquinixOtp.ConfirmMetalOtpCommand'
        }

        It 'reaches the API as one path segment when it only looks like a path: <_>' -ForEach '12/3456', 'a?b#c%25', 'a;b&c=d+' {
            { Confirm-MetalOtp $_ -ErrorAction Stop } | Should -Throw -ErrorId 'OtpRejected,EquinixOtp.ConfirmMetalOtpCommand'
        }
    }

    Context 'a TOTP secret' {
        It 'confirms with the current code: <Name>' -ForEach @(
            @{ Name = 'base32'; Account = 1; Make = { param($secret) $secret } }
            @{ Name = 'base32 as people copy it'; Account = 2; Make = { param($secret) $secret.ToLowerInvariant() -replace '(.{4})', '$1 ' } }
            @{ Name = 'a URI'; Account = 3; Make = { param($secret) "otpauth://totp/Metal:somebody?secret=$secret&issuer=Metal" } }
        ) {
            $secret = ConvertTo-Secure (& $Make $emulator.TotpSecret)
            $token = ConvertTo-Secure $emulator.Tokens[$Account]
            Confirm-MetalOtp -TotpSecret $secret -Token $token | Should -BeOfType EquinixOtp.OtpConfirmation
        }

        It 'honours the digits of a URI' {
            $secret = ConvertTo-Secure "otpauth://totp/somebody?secret=$($emulator.TotpSecret)&digits=8"
            Confirm-MetalOtp -TotpSecret $secret -Quiet | Should -BeFalse
        }

        It 'is not tried again when its code is rejected' {
            $parameters = @{
                TotpSecret = ConvertTo-Secure $emulator.TotpSecret
                Token      = ConvertTo-Secure $emulator.Tokens[4]
                Quiet      = $true
            }
            Confirm-MetalOtp @parameters | Should -BeTrue
            $lines = @(Confirm-MetalOtp @parameters -Verbose 4>&1)
            $lines | Select-Attempt | Should -HaveCount 1
        }

        It 'ends the pipeline when it is none: <Name>' -ForEach @(
            @{ Name = 'empty'; Secret = '' }
            @{ Name = 'no base32'; Secret = 'not base32!' }
            @{ Name = 'a HOTP URI'; Secret = 'otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ&counter=1' }
            @{ Name = 'a URI without a secret'; Secret = 'otpauth://totp/a' }
        ) {
            { Confirm-MetalOtp -TotpSecret (ConvertTo-Secure $Secret) -ErrorAction SilentlyContinue } |
                Should -Throw -ErrorId 'InvalidTotpSecret,EquinixOtp.ConfirmMetalOtpCommand'
        }

        It 'is refused in plain text, and not quoted' {
            $secret = $emulator.TotpSecret
            $failure = { Confirm-MetalOtp -TotpSecret $secret } | Should -Throw -PassThru
            $failure.Exception.Message | Should -Not -Match $secret
        }

        It 'does not go with an OTP' {
            { Confirm-MetalOtp -Otp '123456' -TotpSecret (ConvertTo-Secure $emulator.TotpSecret) } |
                Should -Throw -ErrorId 'AmbiguousParameterSet,EquinixOtp.ConfirmMetalOtpCommand'
        }
    }

    Context 'a session token' {
        BeforeEach {
            Use-Emulator $sessions
            $script:code = Get-MetalRecoveryCode -AsPlainText | Select-Object -First 1
        }

        It 'comes as a SecureString that works as -Token' {
            $confirmation = Confirm-MetalOtp $code
            $confirmation.SessionToken | Should -BeOfType securestring
            $env:METAL_AUTH_TOKEN = 'wrong'
            Get-MetalRecoveryCode -Token $confirmation.SessionToken | Should -Not -BeNullOrEmpty
        }

        It 'goes down the pipeline to <_>' -ForEach 'Get-MetalRecoveryCode', 'Reset-MetalRecoveryCode', 'Send-MetalOtpSms' {
            $env:METAL_AUTH_TOKEN = 'wrong'
            $next = if ($_ -like 'Get-*') { @{} } else { @{ Confirm = $false } }
            {
                Confirm-MetalOtp $code -Token (ConvertTo-Secure $sessions.Token) | & $_ @next -ErrorAction Stop
            } | Should -Not -Throw
        }

        It 'goes to the API that gave it, whatever the environment says' {
            $url = $env:METAL_API_URL
            $token = ConvertTo-Secure $sessions.Token
            Use-Emulator $emulator
            Confirm-MetalOtp $code -Token $token -ApiUrl $url | Get-MetalRecoveryCode -AsPlainText | Should -Not -BeNullOrEmpty
        }

        It 'is masked in the default view' {
            $confirmation = Confirm-MetalOtp $code
            $view = $confirmation | Out-String
            $view | Should -Match '(?m)^ConfirmedAt\s*: \S'
            $view | Should -Match '(?m)^SessionToken\s*: \*+\s*$'
            $view | Should -Match "(?m)^RequestId\s*: $([regex]::Escape($confirmation.RequestId))\s*$"
            $view | Should -Not -Match (ConvertFrom-Secure $confirmation.SessionToken)
        }
    }

    It 'goes on to Get-MetalRecoveryCode without a session token too' {
        Confirm-MetalOtp (Request-Otp) | Get-MetalRecoveryCode | Should -Not -BeNullOrEmpty
    }

    It 'says in the default view that no session token came' {
        Confirm-MetalOtp (Request-Otp) | Out-String | Should -Match '(?m)^SessionToken\s*: none\s*$'
    }

    It 'shows no secret in any stream: <Name>' -ForEach @(
        @{ Name = 'an OTP that is right'; Right = $true }
        @{ Name = 'an OTP that is wrong'; Right = $false }
    ) {
        $code = if ($Right) { Request-Otp } else { 'canary-otp' }
        $DebugPreference = 'Continue'
        $text = Confirm-MetalOtp $code -Verbose *>&1 | Format-List * -Force | Out-String -Width 1000

        $text | Should -Match 'POST \S*/metal/v1/user/otp/verify/\*+: [0-9]{3}'
        $text | Should -Match 'X-Auth-Token: \*+'
        $text | Should -Not -Match ($code, $emulator.Token -join '|')
    }
}
