Describe 'Send-MetalOtpSms' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator
    }

    BeforeEach {
        Restore-Emulator $emulator
    }

    AfterAll {
        $emulator | Close-Emulator
        Restore-MetalEnvironment $environment
    }

    It 'sends one SMS with a code that confirms, and emits nothing' {
        Send-MetalOtpSms *>&1 | Should -BeNullOrEmpty
        Get-Sms | Should -HaveCount 1
        Confirm-MetalOtp (Get-Sms).code -Quiet | Should -BeTrue
    }

    It 'asks nothing by default' {
        $run = Invoke-Shell 'Import-Module $Manifest; Send-MetalOtpSms; "sent: $?"'
        $run.Lines | Should -Be 'sent: True'
        $run.ExitCode | Should -Be 0
        Get-Sms | Should -HaveCount 1
    }

    It 'says what it would do with -WhatIf' {
        $run = Invoke-Shell 'Import-Module $Manifest; Send-MetalOtpSms -WhatIf -Verbose'
        $run.Lines | Should -HaveCount 1
        $run.Lines[0] | Should -Match 'SMS'
    }

    It 'fails without a request when -Confirm cannot prompt' {
        $run = Invoke-Shell @'
            Import-Module $Manifest
            try { Send-MetalOtpSms -Confirm } catch { $_.FullyQualifiedErrorId }
'@
        $run.Lines[-1] | Should -Be 'InvalidOperation,EquinixOtp.SendMetalOtpSmsCommand'
        Get-ApiRequest | Should -BeNullOrEmpty
    }
}
