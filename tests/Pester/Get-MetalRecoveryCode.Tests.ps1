Describe 'Get-MetalRecoveryCode' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator -Accounts 2
    }

    BeforeEach {
        Use-Emulator $emulator
    }

    AfterAll {
        Close-Emulator $emulator
        Restore-MetalEnvironment $environment
    }

    It 'lists ten codes, numbered from 1, as SecureStrings' {
        $codes = Get-MetalRecoveryCode
        $codes | Should -HaveCount 10
        $codes | Should -BeOfType EquinixOtp.RecoveryCode
        $codes.Index | Should -Be (1..10)
        $codes.Code | Should -BeOfType securestring
    }

    It 'lists the same codes each time' {
        Get-MetalRecoveryCode -AsPlainText | Should -Be (Get-MetalRecoveryCode -AsPlainText)
    }

    It 'lists strings with -AsPlainText, in the same order' {
        $plain = Get-MetalRecoveryCode -AsPlainText
        $plain | Should -HaveCount 10
        $plain | Should -BeOfType string
        (Get-MetalRecoveryCode).Code | ForEach-Object { ConvertFrom-Secure $_ } | Should -Be $plain
    }

    It 'masks the codes in the default view' {
        $view = Get-MetalRecoveryCode | Out-String
        $view | Should -Match 'Index\s+Code'
        [regex]::Matches($view, '(?m)^\s*[0-9]+\s+\*+\s*$') | Should -HaveCount 10
        $view | Should -Not -Match ((Get-MetalRecoveryCode -AsPlainText) -join '|')
    }

    It 'masks the codes in other views: <_>' -ForEach 'Format-List', 'Format-Wide', 'ConvertTo-Csv', 'Out-String' {
        $text = Get-MetalRecoveryCode | & $_ | Out-String
        $text | Should -Not -BeNullOrEmpty
        $text | Should -Not -Match ((Get-MetalRecoveryCode -AsPlainText) -join '|')
    }

    It 'takes the token by name from the pipeline, an account each' {
        $env:METAL_AUTH_TOKEN = $null
        $rows = $emulator.Tokens | ForEach-Object { [pscustomobject]@{ Token = ConvertTo-Secure $_ } }
        $codes = $rows | Get-MetalRecoveryCode -AsPlainText
        $codes | Should -HaveCount 20
        $codes | Select-Object -Unique | Should -HaveCount 20
    }

    It 'takes the token by name as SessionToken' {
        $env:METAL_AUTH_TOKEN = $null
        [pscustomobject]@{ SessionToken = ConvertTo-Secure $emulator.Token } | Get-MetalRecoveryCode | Should -HaveCount 10
    }

    It 'takes the URL by name from CSV' {
        $env:METAL_API_URL = $null
        'ApiUrl', $emulator.Url | ConvertFrom-Csv | Get-MetalRecoveryCode | Should -HaveCount 10
    }

    It 'goes on after an item whose token is wrong' {
        $rows = 'wrong', $emulator.Token | ForEach-Object { [pscustomobject]@{ Token = ConvertTo-Secure $_ } }
        $codes = $rows | Get-MetalRecoveryCode -ErrorAction SilentlyContinue -ErrorVariable failures
        $codes | Should -HaveCount 10
        $failures.FullyQualifiedErrorId | Should -Be 'Unauthorized,EquinixOtp.GetMetalRecoveryCodeCommand'
    }

    It 'stops early when the pipeline has enough' {
        Get-MetalRecoveryCode | Select-Object -First 3 | ForEach-Object Index | Should -Be 1, 2, 3
    }

    It 'has no -WhatIf, as it changes nothing' {
        (Get-Command Get-MetalRecoveryCode).Parameters.Keys | Should -Not -Contain 'WhatIf'
    }

    It 'says one line an attempt with -Verbose, and shows no secret in any stream' {
        $codes = Get-MetalRecoveryCode -AsPlainText
        $DebugPreference = 'Continue'
        $records = Get-MetalRecoveryCode -Verbose *>&1
        $verbose = @($records | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })
        $text = $records | Format-List * -Force | Out-String -Width 1000

        $verbose | Should -HaveCount 1
        $verbose[0].Message | Should -Match '^GET \S*/metal/v1/user/otp/recovery-codes: 200\b'
        $text | Should -Match 'X-Auth-Token: \*+'
        $text | Should -Not -Match (($codes + $emulator.Token) -join '|')
    }

    It 'says nothing by itself' {
        $records = Get-MetalRecoveryCode *>&1
        $records | Should -BeOfType EquinixOtp.RecoveryCode
    }
}
