Describe 'Reset-MetalRecoveryCode' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator

        function Get-ValidCode {
            (Invoke-EmulatorAdmin accounts/1).recoveryCodes
        }
    }

    BeforeEach {
        Restore-Emulator $emulator
        $script:old = Get-ValidCode
    }

    AfterAll {
        $emulator | Close-Emulator
        Restore-MetalEnvironment $environment
    }

    It 'replaces the codes and emits the new ones as SecureStrings, numbered from 1' {
        $codes = Reset-MetalRecoveryCode -Confirm:$false
        $codes | Should -BeOfType EquinixOtp.RecoveryCode
        $codes.Index | Should -Be (1..10)

        $plain = $codes.Code | ForEach-Object { ConvertFrom-Secure $_ }
        $plain | Should -Be (Get-ValidCode)
        $plain | Where-Object { $_ -in $old } | Should -BeNullOrEmpty
    }

    It 'emits strings with -AsPlainText' {
        $codes = Reset-MetalRecoveryCode -AsPlainText -Confirm:$false
        $codes | Should -Be (Get-ValidCode)
    }

    It 'does not ask with $ConfirmPreference None' {
        $ConfirmPreference = 'None'
        $codes = Reset-MetalRecoveryCode -AsPlainText
        $codes | Should -Be (Get-ValidCode)
    }

    It 'fails without a request when the shell cannot prompt' {
        $run = Invoke-Shell @'
            Import-Module $Manifest
            try { Reset-MetalRecoveryCode } catch { $_.FullyQualifiedErrorId }
'@
        $run.Lines[-1] | Should -Be 'InvalidOperation,EquinixOtp.ResetMetalRecoveryCodeCommand'
        Get-ApiRequest | Should -BeNullOrEmpty
    }

    It 'says how to find the current codes, and does not retry, when the response has none: <Id>' -ForEach @(
        @{ Id = 'ConnectionFailed'; Fault = @{ name = 'lost-response' } }
        @{ Id = 'Timeout'; Fault = @{ delay = '00:01:00' } }
        @{ Id = 'InvalidResponse'; Fault = @{ status = 200; body = '{ "recovery_codes": [] }' } }
    ) {
        Add-EmulatorFault ($Fault + @{ operation = 'regenerateCodes' })
        $null = Reset-MetalRecoveryCode -Confirm:$false -TimeoutSec 1 -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.ResetMetalRecoveryCodeCommand"
        $failures[0].ErrorDetails.Message | Should -Match 'Get-MetalRecoveryCode'
        Get-ApiRequest | Should -HaveCount 1
    }
}
