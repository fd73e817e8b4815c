Describe 'Send-MetalOtpSms' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator -Accounts 2

        # The emulator accepts the newest SMS only: had there been another, the one read here would not be it.
        function Assert-NextSmsIsNewest {
            Send-MetalOtpSms
            Confirm-MetalOtp (Receive-SmsCode $emulator) -Quiet | Should -BeTrue
        }
    }

    BeforeEach {
        Use-Emulator $emulator
    }

    AfterAll {
        Close-Emulator $emulator
        Restore-MetalEnvironment $environment
    }

    It 'sends one SMS with a code that confirms, and emits nothing' {
        Send-MetalOtpSms | Should -BeNullOrEmpty
        $code = Receive-SmsCode $emulator
        $code | Should -Match '^[0-9]{6}$'
        Confirm-MetalOtp $code -Quiet | Should -BeTrue
        Assert-NextSmsIsNewest
    }

    It 'asks nothing by default, as it harms nothing' {
        $shell = Invoke-Shell 'Import-Module $Manifest; Send-MetalOtpSms; "sent: $?"'
        $shell.Lines | Should -Be 'sent: True'
        $shell.ExitCode | Should -Be 0
        $null = Receive-SmsCode $emulator
    }

    It 'sends nothing with <Name>' -ForEach @(
        @{ Name = '-WhatIf'; Call = { Send-MetalOtpSms -WhatIf } }
        @{ Name = '$WhatIfPreference'; Call = { $WhatIfPreference = $true; Send-MetalOtpSms } }
    ) {
        $lines = & $Call 6>&1 4>&1
        $lines | Should -BeNullOrEmpty
        Assert-NextSmsIsNewest
    }

    It 'says what it would do with -WhatIf, without a call' {
        $shell = Invoke-Shell 'Import-Module $Manifest; Send-MetalOtpSms -WhatIf -Verbose'
        $shell.Lines | Should -HaveCount 1
        $shell.Lines[0] | Should -Match 'SMS'
        Assert-NextSmsIsNewest
    }

    It 'fails rather than hangs when -Confirm has nobody to ask' {
        $shell = Invoke-Shell @'
            Import-Module $Manifest
            try { Send-MetalOtpSms -Confirm } catch { $_.FullyQualifiedErrorId }
'@
        $shell.Lines[-1] | Should -Be 'InvalidOperation,EquinixOtp.SendMetalOtpSmsCommand'
        Assert-NextSmsIsNewest
    }

    It 'takes the token by name from the pipeline, an SMS for each account' {
        $emulator.Tokens | ForEach-Object { [pscustomobject]@{ Token = ConvertTo-Secure $_ } } | Send-MetalOtpSms
        foreach ($token in $emulator.Tokens) {
            Confirm-MetalOtp (Receive-SmsCode $emulator) -Token (ConvertTo-Secure $token) -Quiet | Should -BeTrue
        }
    }

    It 'shows no secret in any stream' {
        $DebugPreference = 'Continue'
        $text = Send-MetalOtpSms -Verbose *>&1 | Format-List * -Force | Out-String -Width 1000
        $code = Receive-SmsCode $emulator

        $text | Should -Match 'POST \S*/metal/v1/user/otp/sms/receive: 204'
        $text | Should -Match 'X-Auth-Token: \*+'
        $text | Should -Not -Match ($code, $emulator.Token -join '|')
    }
}
