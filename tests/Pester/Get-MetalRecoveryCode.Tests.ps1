Describe 'Get-MetalRecoveryCode' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator
    }

    BeforeEach {
        Restore-Emulator $emulator
        $script:plain = @((Invoke-EmulatorAdmin accounts/1).recoveryCodes)
    }

    AfterAll {
        $emulator | Close-Emulator
        Restore-MetalEnvironment $environment
    }

    It 'emits the codes as SecureStrings, numbered from 1, and nothing else' {
        $codes = Get-MetalRecoveryCode *>&1
        $codes | Should -BeOfType EquinixOtp.RecoveryCode
        $codes.Index | Should -Be (1..10)
        $codes.Code | ForEach-Object { ConvertFrom-Secure $_ } | Should -Be $plain
        $codes[0].Code.IsReadOnly() | Should -BeTrue
    }

    It 'emits strings with -AsPlainText' {
        Get-MetalRecoveryCode -AsPlainText | Should -Be $plain
    }

    It 'emits nothing for an empty list' {
        Add-EmulatorFault @{ operation = 'findRecoveryCodes'; status = 200; body = '{ "recovery_codes": [] }' }
        Get-MetalRecoveryCode | Should -BeNullOrEmpty
    }

    It 'shows a table with masked codes' {
        $lines = Get-MetalRecoveryCode | Out-String -Stream | ForEach-Object Trim | Where-Object { $_ }
        $lines -replace ' +', ' ' | Should -Be (@('Index Code', '----- ----') + (1..10 | ForEach-Object { "$_ ******" }))
    }

    It 'shows a list with masked codes' {
        (Get-MetalRecoveryCode | Select-Object -First 1 | Format-List | Out-String).Trim() -replace '\r' |
            Should -Be "Index : 1`nCode  : ******"
    }

    It 'masks the codes in <_>' -ForEach 'Format-List', 'Format-Wide', 'ConvertTo-Csv', 'Out-String' {
        $text = Get-MetalRecoveryCode | & $_ | Out-String
        $text | Should -Not -BeNullOrEmpty
        $text | Should -Not -Match ($plain -join '|')
    }

    It 'masks a code that is converted to a string' {
        "$(Get-MetalRecoveryCode)" | Should -Not -Match ($plain -join '|')
    }

    It 'continues after an item with a wrong token' {
        $rows = 'wrong', $emulator.Token | ForEach-Object { [pscustomobject]@{ Token = ConvertTo-Secure $_ } }
        $codes = $rows | Get-MetalRecoveryCode -ErrorAction SilentlyContinue -ErrorVariable failures
        $codes | Should -HaveCount 10
        $failures.FullyQualifiedErrorId | Should -Be 'Unauthorized,EquinixOtp.GetMetalRecoveryCodeCommand'
    }

    It 'works before Select-Object -First' {
        Get-MetalRecoveryCode | Select-Object -First 3 | ForEach-Object Index | Should -Be 1, 2, 3
    }

    It 'works in a job, which returns SecureStrings' {
        $job = Start-Job {
            Import-Module $using:Manifest
            Get-MetalRecoveryCode
        }
        $codes = $job | Receive-Job -Wait -AutoRemoveJob
        $codes.Code | ForEach-Object { ConvertFrom-Secure $_ } | Should -Be $plain
    }
}
