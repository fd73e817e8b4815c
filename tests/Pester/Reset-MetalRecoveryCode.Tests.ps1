Describe 'Reset-MetalRecoveryCode' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator -Accounts 2
    }

    BeforeEach {
        Use-Emulator $emulator
        $script:old = Get-MetalRecoveryCode -AsPlainText
    }

    AfterAll {
        Close-Emulator $emulator
        Restore-MetalEnvironment $environment
    }

    It 'replaces all codes and lists the new ones' {
        $codes = Reset-MetalRecoveryCode -Confirm:$false
        $codes | Should -HaveCount 10
        $codes | Should -BeOfType EquinixOtp.RecoveryCode
        $codes.Index | Should -Be (1..10)
        $codes.Code | Should -BeOfType securestring

        $plain = $codes.Code | ForEach-Object { ConvertFrom-Secure $_ }
        $plain | Where-Object { $_ -in $old } | Should -BeNullOrEmpty
        Get-MetalRecoveryCode -AsPlainText | Should -Be $plain
        Confirm-MetalOtp $old[0] -Quiet | Should -BeFalse
        Confirm-MetalOtp $plain[0] -Quiet | Should -BeTrue
    }

    It 'lists strings with -AsPlainText' {
        $codes = Reset-MetalRecoveryCode -AsPlainText -Confirm:$false
        $codes | Should -BeOfType string
        Get-MetalRecoveryCode -AsPlainText | Should -Be $codes
    }

    It 'masks the codes in the default view' {
        $view = Reset-MetalRecoveryCode -Confirm:$false | Out-String
        [regex]::Matches($view, '(?m)^\s*[0-9]+\s+\*+\s*$') | Should -HaveCount 10
        $view | Should -Not -Match ((Get-MetalRecoveryCode -AsPlainText) -join '|')
    }

    It 'asks no more with $ConfirmPreference None' {
        $ConfirmPreference = 'None'
        Reset-MetalRecoveryCode -AsPlainText | Should -Not -Be $old
    }

    It 'changes nothing with <Name>' -ForEach @(
        @{ Name = '-WhatIf'; Call = { Reset-MetalRecoveryCode -WhatIf } }
        @{ Name = '-WhatIf and -Confirm:$false'; Call = { Reset-MetalRecoveryCode -WhatIf -Confirm:$false } }
        @{ Name = '$WhatIfPreference'; Call = { $WhatIfPreference = $true; Reset-MetalRecoveryCode -Confirm:$false } }
    ) {
        & $Call | Should -BeNullOrEmpty
        Get-MetalRecoveryCode -AsPlainText | Should -Be $old
    }

    It 'fails rather than hangs where nobody can answer its question' {
        $shell = Invoke-Shell @'
            Import-Module $Manifest
            try { Reset-MetalRecoveryCode } catch { $_.FullyQualifiedErrorId }
'@
        $shell.Lines[-1] | Should -Be 'InvalidOperation,EquinixOtp.ResetMetalRecoveryCodeCommand'
        Get-MetalRecoveryCode -AsPlainText | Should -Be $old
    }

    It 'works unattended with -Confirm:$false' {
        $shell = Invoke-Shell 'Import-Module $Manifest; Reset-MetalRecoveryCode -Confirm:$false -AsPlainText'
        $shell.ExitCode | Should -Be 0
        $shell.Lines | Should -HaveCount 10
        Get-MetalRecoveryCode -AsPlainText | Should -Be $shell.Lines
    }

    It 'takes the token by name from the pipeline, an account each' {
        $env:METAL_AUTH_TOKEN = $null
        $rows = $emulator.Tokens | ForEach-Object { [pscustomobject]@{ Token = ConvertTo-Secure $_ } }
        $codes = $rows | Reset-MetalRecoveryCode -AsPlainText -Confirm:$false
        $codes | Should -HaveCount 20
        $rows | Get-MetalRecoveryCode -AsPlainText | Should -Be $codes
    }

    It 'says how to see the codes that hold when its answer is lost' {
        $slow = Open-Emulator '--latency 60000'
        try {
            Use-Emulator $slow
            $lines = Reset-MetalRecoveryCode -Confirm:$false -TimeoutSec 1 -Verbose -ErrorAction SilentlyContinue -ErrorVariable failures 4>&1
            # A reset is never repeated when it may have been done.
            $lines | Select-Attempt | Should -HaveCount 1
            $failures[0].FullyQualifiedErrorId | Should -Be 'Timeout,EquinixOtp.ResetMetalRecoveryCodeCommand'
            $failures[0].ErrorDetails.Message | Should -Match 'Get-MetalRecoveryCode'
        } finally {
            Close-Emulator $slow
        }
    }

    It 'shows no secret in any stream' {
        $text = & {
            $DebugPreference = 'Continue'
            Reset-MetalRecoveryCode -Confirm:$false -Verbose
        } *>&1 | Format-List * -Force | Out-String -Width 1000

        $text | Should -Match 'POST \S*/metal/v1/user/otp/recovery-codes: 200'
        $text | Should -Match 'X-Auth-Token: \*+'
        $text | Should -Not -Match (((Get-MetalRecoveryCode -AsPlainText) + $emulator.Token) -join '|')
    }
}
