<#
    Runs each runbook against the emulator, in a runspace unless it needs a shell. SecretManagement and Azure's modules are stand-ins
    that keep secrets in files.
#>
BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:runbooks = (Resolve-Path (Join-Path $PSScriptRoot '../../docs/runbooks')).ProviderPath
    $script:emulator = Open-Emulator -Accounts 3

    # The runbooks load the module by its name.
    $script:modulePath = $env:PSModulePath
    $installed = New-Item -ItemType Directory -Path "$TestDrive/modules/EquinixOtp"
    Copy-Item -LiteralPath $Manifest -Destination $installed
    Copy-Item -LiteralPath (Join-Path (Split-Path $Manifest) 'bin') -Destination $installed -Recurse
    $env:PSModulePath = (Split-Path $installed), (Join-Path $PSScriptRoot StandIns), $env:PSModulePath -join [System.IO.Path]::PathSeparator

    function Invoke-Runbook([string] $Line) {
        Invoke-Runspace "Set-Location -LiteralPath '$runbooks'; $Line"
    }

    function Write-Stored([string] $Name, [string] $Text, [string] $Vault = 'Recovery') {
        $null = New-Item -ItemType Directory -Force -Path (Join-Path $env:STANDIN_VAULTS $Vault)
        [System.IO.File]::WriteAllText((Join-Path $env:STANDIN_VAULTS "$Vault/$Name"), $Text)
    }

    function Get-Stored([string] $Name) {
        [System.IO.File]::ReadAllText((Join-Path $env:STANDIN_VAULTS "Recovery/$Name"))
    }

    function Get-ValidCode {
        (Invoke-EmulatorAdmin accounts/1).recoveryCodes
    }

    function Get-SortedCodeText {
        (Get-ValidCode | Sort-Object) -join "`n"
    }
}

AfterAll {
    $emulator | Close-Emulator
    $env:PSModulePath = $modulePath
    Restore-MetalEnvironment $environment
}

Describe 'The runbook' {
    BeforeEach {
        Restore-Emulator $emulator
        $env:STANDIN_VAULTS = Join-Path $TestDrive ([guid]::NewGuid())
    }

    AfterEach {
        $env:STANDIN_VAULTS = $env:STANDIN_FAULT = $env:STANDIN_GOOD_WRITES = $env:METAL_TOTP_SECRET = $null
    }

    Context 'Confirm-SecondFactor' {
        It 'confirms and counts the codes' {
            $env:METAL_TOTP_SECRET = $emulator.TotpSecret
            $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'has 10 recovery codes'
            $run.Text | Should -Not -Match "$($emulator.TotpSecret)|$($emulator.Token)"
        }

        It 'fails with <Message> for the secret "<Secret>"' -ForEach @(
            @{ Secret = 'JBSWY3DPEHPK3PXP'; Message = 'HTTP 424' }
            @{ Secret = ''; Message = 'METAL_TOTP_SECRET' }
        ) {
            $env:METAL_TOTP_SECRET = $Secret
            $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Match $Message
            $run.Text | Should -Not -Match 'JBSWY3DPEHPK3PXP|recovery codes'
        }
    }

    Context 'Save-RecoveryCode' {
        It 'stores the current codes and shows none' {
            $run = Invoke-Runbook './Save-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Get-Stored 'metal-recovery-codes' | Should -BeExactly ((Get-ValidCode) -join "`n")
            $run.Text | Should -Not -Match ((Get-ValidCode) -join '|')
        }

        It 'fails when the vault <_>' -ForEach 'refuses', 'loses' {
            $env:STANDIN_FAULT = $_
            $env:STANDIN_GOOD_WRITES = '0'
            (Invoke-Runbook './Save-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
        }
    }

    Context 'Read-RecoveryCode' {
        BeforeEach {
            Write-Stored 'metal-recovery-codes' ((Get-ValidCode) -join "`n")
        }

        It 'emits text with -AsPlainText' {
            $run = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 3 -AsPlainText'
            $run.Output.Trim() | Should -BeExactly (Get-ValidCode)[2]
        }

        It 'emits a SecureString that Confirm-MetalOtp accepts' {
            (Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery').Output.Trim() | Should -Be 'System.Security.SecureString'
            (Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 4 | Confirm-MetalOtp -Quiet').Output.Trim() | Should -Be 'True'
        }

        It 'fails for an index above the number of codes' {
            $run = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 11 -AsPlainText'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Not -Match ((Get-ValidCode) -join '|')
        }
    }

    Context 'Update-RecoveryCode' {
        BeforeEach {
            $script:old = Get-SortedCodeText
            Write-Stored 'metal-recovery-codes' $old
        }

        It 'stores the new codes, shows none, and removes the copy' {
            $run = Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Get-SortedCodeText | Should -Not -Be $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-SortedCodeText)
            Get-ChildItem -LiteralPath $env:STANDIN_VAULTS -Recurse -File | Should -HaveCount 1
            $run.Text | Should -Not -Match ("$old`n$(Get-SortedCodeText)" -replace "`n", '|')
        }

        It 'fails and leaves <Left> when the vault <Fault> write <Write>' -ForEach @(
            foreach ($fault in 'refuses', 'loses') {
                @{ Fault = $fault; Write = 1; Left = 'all as it was'; IsReset = $false; HasNext = $false }
                @{ Fault = $fault; Write = 2; Left = 'the old codes in the vault'; IsReset = $true; HasNext = $false }
                @{ Fault = $fault; Write = 3; Left = 'the old and the new codes in the vault'; IsReset = $true; HasNext = $true }
            }
        ) {
            $env:STANDIN_FAULT = $Fault
            $env:STANDIN_GOOD_WRITES = $Write - 1
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            (Get-SortedCodeText) -cne $old | Should -Be $IsReset
            Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
            if ($HasNext) {
                Get-Stored 'metal-recovery-codes-next' | Should -BeExactly (Get-SortedCodeText)
            }
        }

        It 'replaces the stored codes after a run that failed' {
            Write-Stored 'metal-recovery-codes-next' 'of the run before'
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 0
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-SortedCodeText)
            Get-ChildItem -LiteralPath $env:STANDIN_VAULTS -Recurse -File | Should -HaveCount 1
        }

        It 'succeeds when only the response to the reset is lost' {
            Add-EmulatorFault @{ operation = 'regenerateCodes'; name = 'lost-response'; count = 1 }
            $run = Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Get-SortedCodeText | Should -Not -Be $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-SortedCodeText)
        }

        It 'fails and keeps the stored codes when <Name>' -ForEach @(
            @{ Name = 'the token is wrong'; Fault = @{ operation = '*'; status = 401; body = '{ "error": "Invalid" }' } }
            @{ Name = 'the reset fails'; Fault = @{ operation = 'regenerateCodes'; status = 500 } }
            @{
                Name  = 'another process replaces the codes'
                Fault = @{ operation = 'regenerateCodes'; status = 200; body = '{ "recovery_codes": ["not-listed"] }' }
            }
        ) {
            Add-EmulatorFault $Fault
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
        }
    }

    Context 'of a table of accounts' {
        BeforeEach {
            $script:table = Join-Path $TestDrive 'accounts.csv'
            $script:report = Join-Path $TestDrive "$([guid]::NewGuid()).csv"
            Write-Stored 'totp' $emulator.TotpSecret
            Write-Stored 'totp-wrong' 'JBSWY3DPEHPK3PXP'
            0..2 | ForEach-Object { Write-Stored "token-$_" $emulator.Tokens[$_] }
            Write-Stored 'token-wrong' 'wrong'
            $script:rows = @('Name,TokenSecret,TotpSecret', 'a,token-0,totp', 'b,token-1,totp', 'c,token-2,totp')
            # A token in the environment would hide a row without one.
            $env:METAL_AUTH_TOKEN = $null
        }

        It 'has an example of the table' {
            $columns = (Import-Csv -LiteralPath (Join-Path $runbooks 'accounts.csv'))[0].PSObject.Properties.Name
            $columns | Should -Be 'Name', 'TokenSecret', 'TotpSecret'
        }

        It 'Confirm-Account confirms all accounts' {
            Set-Content -LiteralPath $table -Value $rows
            $run = Invoke-Runbook "./Confirm-Account.ps1 -Path '$table' -Vault Recovery -Report '$report'"
            $run.ExitCode | Should -Be 0 -Because $run.Text
            (Import-Csv -LiteralPath $report).Confirmed | Should -Be 'True', 'True', 'True'
            $run.Text + (Get-Content -LiteralPath $report -Raw) | Should -Not -Match ($emulator.Tokens + $emulator.TotpSecret -join '|')
        }

        It 'Confirm-Account continues after a failure and reports it' {
            Set-Content -LiteralPath $table -Value ($rows[0, 1] + 'd,token-wrong,totp', 'e,no-such-secret,totp', 'f,token-2,totp-wrong')
            $run = Invoke-Runbook "./Confirm-Account.ps1 -Path '$table' -Vault Recovery -Report '$report'"
            $run.ExitCode | Should -Be 1
            $results = Import-Csv -LiteralPath $report
            $results.Account | Should -Be 'a', 'd', 'e', 'f'
            $results.Confirmed | Should -Be 'True', 'False', 'False', 'False'
            $results[1].ErrorId | Should -Be 'Unauthorized'
            $results[1].RequestId | Should -Not -BeNullOrEmpty
            $results[2].ErrorId | Should -Not -BeNullOrEmpty
            $results[3].ErrorId | Should -Be 'OtpRejected'
            [regex]::Matches($run.Output, '(?m)^[adef] +(True|False)').Count | Should -Be 4 -Because $run.Text
        }

        It '<_> fails for an empty table' -ForEach 'Confirm-Account', 'Measure-RecoveryCode' {
            Set-Content -LiteralPath $table -Value $rows[0]
            (Invoke-Runbook "./$_.ps1 -Path '$table' -Vault Recovery").ExitCode | Should -Be 1
        }

        # ForEach-Object -Parallel needs PowerShell 7.
        It 'Measure-RecoveryCode exits with <Code> for <Minimum> and <Names>' -Skip:($PSVersionTable.PSVersion.Major -lt 7) -ForEach @(
            @{ Code = 0; Minimum = 10; Names = 'abc' }
            @{ Code = 1; Minimum = 11; Names = 'abc' }
            @{ Code = 1; Minimum = 10; Names = 'abcd' }
        ) {
            Set-Content -LiteralPath $table -Value ($rows + 'd,token-wrong,totp' | Where-Object { $_ -match "^(Name|[$Names])," })
            $run = Invoke-Runbook "./Measure-RecoveryCode.ps1 -Path '$table' -Vault Recovery -Minimum $Minimum"
            $run.ExitCode | Should -Be $Code -Because $run.Text
            [regex]::Matches($run.Output, "(?m)^[abc] +10 +$($Minimum -eq 10)").Count | Should -Be 3 -Because $run.Text
            $run.Output -match '(?m)^d +0 +False +Unauthorized' | Should -Be ($Names -eq 'abcd')
            $run.Text | Should -Not -Match ($emulator.Tokens -join '|')
        }
    }

    # The script requires PowerShell 7.4.
    Context 'Test-Runbook' -Skip:($PSVersionTable.PSVersion -lt '7.4') {
        BeforeEach {
            # It reads nothing from the environment, and changes nothing there.
            Use-Emulator
            $env:METAL_API_URL = 'http://127.0.0.1:1/'
        }

        AfterEach {
            $env:METAL_API_URL | Should -Be 'http://127.0.0.1:1/'
        }

        It 'passes options, arguments and the exit code, and ends the emulator' {
            $mine = Join-Path $TestDrive 'mine.ps1'
            Set-Content -LiteralPath $mine -Value @(
                'param([string[]] $Vault, [int] $Code, [switch] $Loud, [securestring] $Secret)'
                '"Vault: $($Vault -join "+")"'
                '"Loud: $Loud, $($Secret.Length)"'
                '"Url: $env:METAL_API_URL"'
                '$totp = [System.Net.NetworkCredential]::new("", $env:METAL_TOTP_SECRET).SecurePassword'
                '"Session: $((Confirm-MetalOtp -TotpSecret $totp).SessionToken)"'
                'exit $Code'
            )
            $run = Invoke-Runbook @"
                `$secret = ConvertTo-SecureString secret -AsPlainText
                `$arguments = @{ Vault = 'Mine', 'Yours'; Code = 5; Loud = `$true; Secret = `$secret }
                ./Test-Runbook.ps1 -Runbook '$mine' -EmulatorArguments --session-tokens -Arguments `$arguments
"@
            $run.ExitCode | Should -Be 5 -Because $run.Text
            $run.Text | Should -Match 'Vault: Mine\+Yours'
            $run.Text | Should -Match 'Loud: True, 6'
            $run.Text | Should -Match 'Session: System.Security.SecureString'
            $run.Text -match 'Url: (http://127\.0\.0\.1:\d+/metal/v1)' | Should -BeTrue
            { Get-MetalRecoveryCode -ApiUrl $Matches[1] -Token (ConvertTo-Secure 'any') -MaximumRetryCount 0 -ErrorAction Stop } |
                Should -Throw -ErrorId 'ConnectionFailed,*'
        }

        It 'runs its example <Number>, also without PSModulePath' -ForEach @(
            @{ Number = 1; Code = 0 }
            @{ Number = 2; Code = 1 }
            @{ Number = 3; Code = 0 }
        ) {
            $example = (Get-Help "$runbooks/Test-Runbook.ps1" -Examples).examples.example[$Number - 1]
            # Get-Help regards only the first line of an example as its code.
            $lines = @($example.code) + @($example.remarks.Text) -match '^(\./|Set-Content )' -join "`n"
            $lines = $lines -replace '\./Mine', "$TestDrive/Mine" -replace '(?s)\n\n.*'
            $before = $env:PSModulePath
            $env:PSModulePath = $null
            try {
                $run = Invoke-Runbook $lines
            } finally {
                $env:PSModulePath = $before
            }
            $run.ExitCode | Should -Be $Code -Because "$lines`n$($run.Text)"
        }

        It 'fails when the emulator does not start' {
            $run = Invoke-Runbook './Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1 -EmulatorArguments --no-such-option'
            $run.ExitCode | Should -Be 1
        }
    }

    It 'Start-AzureAutomation updates the codes with secrets from assets' {
        Write-Stored 'metal-token' $emulator.Token -Vault Assets
        Write-Stored 'metal-totp' $emulator.TotpSecret -Vault Assets
        $env:METAL_AUTH_TOKEN = $null
        $run = Invoke-Runbook './Start-AzureAutomation.ps1 -KeyVault kv -SubscriptionId 42'
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -Match 'registered Recovery Az\.KeyVault kv 42'
        Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-SortedCodeText)
        $run.Text | Should -Not -Match "$($emulator.TotpSecret)|$($emulator.Token)"
    }

    # Windows has no cron.
    It 'of the crontab runs in the environment of cron' -Skip:($env:OS -eq 'Windows_NT') {
        $homeFolder = Join-Path $TestDrive 'home with space'
        $null = New-Item -ItemType Directory -Path "$homeFolder/.config/equinix", "$homeFolder/runbooks", "$homeFolder/path"
        Copy-Item -LiteralPath (Join-Path $runbooks 'Update-RecoveryCode.ps1') -Destination "$homeFolder/runbooks"
        Set-Content -LiteralPath "$homeFolder/.config/equinix/otp.env" -Value @(
            'METAL_AUTH_TOKEN', 'METAL_API_URL', 'PSModulePath', 'STANDIN_VAULTS' |
                ForEach-Object { "export $_='$([Environment]::GetEnvironmentVariable($_))'" }
        )
        # PowerShell from a NuGet package has no executable.
        $dll = Get-PackagedPwsh
        $pwsh = if ($dll) { "dotnet '$dll'" } else { "'$PSHOME/pwsh'" }
        Set-Content -LiteralPath "$homeFolder/path/pwsh" -Value '#!/bin/sh', "exec $pwsh `"`$@`""
        chmod +x "$homeFolder/path/pwsh"

        $entry = @(Get-Content -LiteralPath (Join-Path $runbooks 'crontab'))[-1]
        $entry | Should -Not -Match '%' -Because 'cron replaces it with a line break'
        Set-Content -LiteralPath "$TestDrive/cron.sh" -Value ($entry -split ' ', 6)[5]
        $path = "$homeFolder/path", (Split-Path (Get-Command dotnet).Source), '/usr/bin:/bin' -join ':'
        $start = "-i HOME=`"$homeFolder`" LOGNAME=cron SHELL=/bin/sh PATH=`"$path`" /bin/sh `"$TestDrive/cron.sh`""
        $run = Receive-Program (Invoke-Program '/usr/bin/env' $start)
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -Match 'Stored 10 new'
        Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-SortedCodeText)
    }

    It 'of the workflow exists' {
        $workflow = Get-Content -LiteralPath (Join-Path $runbooks 'github-actions.yml') -Raw
        $named = [regex]::Matches($workflow, '/runbooks/([\w-]+\.ps1)').ForEach({ $_.Groups[1].Value })
        $named | Should -Not -BeNullOrEmpty
        $named | ForEach-Object { Join-Path $runbooks $_ | Should -Exist }
    }

    It '<_> has help' -ForEach (Get-ChildItem -Path (Join-Path $PSScriptRoot '../../docs/runbooks/*.ps1')).Name {
        $help = Get-Help (Join-Path $runbooks $_) -Full
        $help.Synopsis | Should -Match '\.$' -Because 'a generated synopsis is the syntax'
        $help.examples.example | Should -Not -BeNullOrEmpty
        $help.parameters.parameter | Where-Object { $_ -and -not $_.description } | Should -BeNullOrEmpty
    }
}
