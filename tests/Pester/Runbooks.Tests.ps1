<#
    Runs each runbook as a scheduler does. SecretManagement and Azure's modules are stand-ins that keep secrets in files; the
    API is the emulator. Only what is about shells, such as exit codes, starts them.
#>
BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:runbooks = (Resolve-Path (Join-Path $PSScriptRoot '../../docs/runbooks')).ProviderPath

    # The module, installed for the shells as a user has it.
    $script:modulePath = $env:PSModulePath
    $installed = New-Item -ItemType Directory -Path "$TestDrive/modules/EquinixOtp"
    Copy-Item -LiteralPath $Manifest -Destination $installed
    Copy-Item -LiteralPath (Join-Path (Split-Path $Manifest) 'bin') -Destination $installed -Recurse
    $env:PSModulePath = (Split-Path $installed), (Join-Path $PSScriptRoot StandIns), $env:PSModulePath -join [System.IO.Path]::PathSeparator

    # Enough for each test to have three of its own.
    $script:allAccounts = Open-Emulator -Accounts 180
    $script:accountsUsed = 0

    function Invoke-Runbook {
        # Runs a command line in the runbooks' folder: in a runspace, or with -File or -Command in a shell.
        param([string] $Line, [switch] $File, [switch] $Command)

        if ($File) {
            $path, $rest = $Line -split ' ', 2
            Receive-Program (Start-Shell "-File `"$(if (Split-Path $path -IsAbsolute) { $path } else { "$runbooks/$path" })`" $rest")
        } elseif ($Command) {
            Receive-Program (Start-Shell "-Command `"Set-Location -LiteralPath '$runbooks'; $Line`"")
        } else {
            Invoke-Runspace "Set-Location -LiteralPath '$runbooks'; $Line"
        }
    }

    # For scripts that call a pwsh. PowerShell from a NuGet package has no executable.
    $script:path = $env:PATH
    $script:pwshFolder = $PSHOME
    $dll = Get-PackagedPwsh
    if ($dll) {
        $script:pwshFolder = New-Item -ItemType Directory -Path "$TestDrive/path"
        if ($env:OS -eq 'Windows_NT') {
            Set-Content -LiteralPath "$pwshFolder/pwsh.cmd" -Value "@dotnet `"$dll`" %*"
        } else {
            Set-Content -LiteralPath "$pwshFolder/pwsh" -Value '#!/bin/sh', "exec dotnet '$dll' `"`$@`""
            chmod +x "$pwshFolder/pwsh"
        }
    }
    $env:PATH = $pwshFolder, $env:PATH -join [System.IO.Path]::PathSeparator

    function Write-Stored([string] $Name, [string] $Text, [string] $Vault = 'Recovery') {
        $null = New-Item -ItemType Directory -Force -Path (Join-Path $env:STANDIN_VAULTS $Vault)
        [System.IO.File]::WriteAllText((Join-Path $env:STANDIN_VAULTS "$Vault/$Name"), $Text)
    }

    function Get-Stored([string] $Name) {
        [System.IO.File]::ReadAllText((Join-Path $env:STANDIN_VAULTS "Recovery/$Name"))
    }

    function Get-CodeText {
        (Get-MetalRecoveryCode -AsPlainText | Sort-Object) -join "`n"
    }

    function Add-EmulatorFault {
        param($Emulator, [string] $Fault)

        $admin = $Emulator.Url -replace '/metal/v1$', '/__admin'
        $null = Invoke-RestMethod "$admin/faults" -Method Post -ContentType 'application/json' -Body $Fault -UseBasicParsing
    }

    function Open-Relay {
        # Does to a reset what no fault of the emulator does.
        param([string] $Target, [ValidateSet('LoseAllAnswers', 'ResetAgain')] [string] $OnReset)

        $free = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $free.Start()
        $port = $free.LocalEndpoint.Port
        $free.Stop()
        $listener = [System.Net.HttpListener]::new()
        $listener.Prefixes.Add("http://127.0.0.1:$port/")
        $listener.Start()
        $worker = [powershell]::Create().AddScript({
                param($Listener, $Target, $OnReset)

                Add-Type -AssemblyName System.Net.Http
                $client = [System.Net.Http.HttpClient]::new()
                $isLost = $false
                function Get-Answer($Request, $Target) {
                    $message = [System.Net.Http.HttpRequestMessage]::new($Request.HttpMethod, [uri] "$Target$($Request.RawUrl)")
                    $message.Headers.Add('X-Auth-Token', $Request.Headers['X-Auth-Token'])
                    $client.SendAsync($message).Result
                }

                while ($true) {
                    $context = $Listener.GetContext()
                    $isReset = $context.Request.HttpMethod -eq 'POST'
                    $answer = Get-Answer $context.Request $Target
                    $isLost = $isLost -or ($isReset -and $OnReset -eq 'LoseAllAnswers')
                    if ($isLost) {
                        $context.Response.Abort()
                        continue
                    }
                    if ($isReset) {
                        $null = Get-Answer $context.Request $Target
                    }
                    $context.Response.StatusCode = [int] $answer.StatusCode
                    $context.Response.ContentType = 'application/json'
                    $bytes = $answer.Content.ReadAsByteArrayAsync().Result
                    $context.Response.Close($bytes, $false)
                }
            }).AddArgument($listener).AddArgument(([uri] $Target).GetLeftPart('Authority')).AddArgument($OnReset)
        [pscustomobject]@{
            Url      = "http://127.0.0.1:$port$(([uri] $Target).AbsolutePath)"
            Listener = $listener
            Worker   = $worker
            Run      = $worker.BeginInvoke()
        }
    }
}

AfterAll {
    $allAccounts | Close-Emulator
    $env:PATH = $path
    $env:PSModulePath = $modulePath
    Restore-MetalEnvironment $environment
}

Describe 'runbooks' {
    BeforeEach {
        $script:emulator = $allAccounts.PSObject.Copy()
        $emulator.Tokens = $allAccounts.Tokens[$accountsUsed..($accountsUsed + 2)]
        $emulator.Token = $emulator.Tokens[0]
        $script:accountsUsed += 3
        Use-Emulator $emulator
        $env:STANDIN_VAULTS = Join-Path $TestDrive ([guid]::NewGuid())
    }

    AfterEach {
        $env:STANDIN_VAULTS = $env:STANDIN_FAULT = $env:STANDIN_GOOD_WRITES = $env:METAL_TOTP_SECRET = $null
    }

    Context 'Confirm-SecondFactor' {
        It 'confirms' {
            $env:METAL_TOTP_SECRET = $emulator.TotpSecret
            $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'has 10 recovery codes'
            $run.Text | Should -Not -Match "$($emulator.TotpSecret)|$($emulator.Token)"
        }

        It 'goes on with the session token' {
            $sessions = Open-Emulator '--session-tokens'
            try {
                Use-Emulator $sessions
                $env:METAL_TOTP_SECRET = $sessions.TotpSecret
                $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
                $run.ExitCode | Should -Be 0 -Because $run.Text
                $run.Text | Should -Match 'SessionToken : \*+'
                $run.Text | Should -Match 'has 10 recovery codes'
            } finally {
                $sessions | Close-Emulator
            }
        }

        It 'fails with another secret, and shows none' {
            $env:METAL_TOTP_SECRET = 'JBSWY3DPEHPK3PXP'
            $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Match 'HTTP 424'
            $run.Text | Should -Not -Match "JBSWY3DPEHPK3PXP|$($emulator.Token)|recovery codes"
        }

        It 'fails without a secret' {
            $run = Invoke-Runbook './Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Match 'METAL_TOTP_SECRET'
        }
    }

    Context 'Save-RecoveryCode and Read-RecoveryCode' {
        It 'stores what holds, and reads one back that works' {
            $run = Invoke-Runbook './Save-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $codes = @(Get-MetalRecoveryCode -AsPlainText)
            Get-Stored 'metal-recovery-codes' | Should -BeExactly ($codes -join "`n")
            foreach ($code in $codes) {
                $run.Text | Should -Not -Match $code
            }

            $read = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 3 -AsPlainText'
            $read.Output.Trim() | Should -BeExactly $codes[2]
            $used = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 4 | Confirm-MetalOtp -Quiet'
            $used.Output.Trim() | Should -Be 'True'
            Get-MetalRecoveryCode -AsPlainText | Should -Not -Contain $codes[3]
        }

        It 'shows no code that was not asked for as text' {
            Write-Stored 'metal-recovery-codes' "first`nsecond"
            $run = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery'
            $run.Output.Trim() | Should -Be 'System.Security.SecureString'
        }

        It 'fails for a number that there is not' {
            Write-Stored 'metal-recovery-codes' "first`nsecond"
            $run = Invoke-Runbook './Read-RecoveryCode.ps1 -Vault Recovery -Index 3 -AsPlainText'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Not -Match 'second'
        }

        It 'fails when the vault <_>' -ForEach 'refuses', 'loses' {
            $env:STANDIN_FAULT = $_
            $env:STANDIN_GOOD_WRITES = '0'
            (Invoke-Runbook './Save-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
        }
    }

    Context 'Update-RecoveryCode' {
        BeforeEach {
            $script:old = Get-CodeText
            Write-Stored 'metal-recovery-codes' $old
        }

        It 'stores the new codes and forgets the old' {
            $run = Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Get-CodeText | Should -Not -Be $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-CodeText)
            Get-ChildItem -LiteralPath $env:STANDIN_VAULTS -Recurse -File | Should -HaveCount 1
            foreach ($code in "$old`n$(Get-CodeText)" -split "`n") {
                $run.Text | Should -Not -Match $code
            }
        }

        It 'replaces nothing when the vault <_> at once' -ForEach 'refuses', 'loses' {
            $env:STANDIN_FAULT = $_
            $env:STANDIN_GOOD_WRITES = '0'
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            Get-CodeText | Should -BeExactly $old
        }

        It 'keeps the old codes when the vault <_> the new' -ForEach 'refuses', 'loses' {
            $env:STANDIN_FAULT = $_
            $env:STANDIN_GOOD_WRITES = '1'
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            Get-CodeText | Should -Not -Be $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
        }

        It 'has the new codes in the vault when the vault <_> their second writing' -ForEach 'refuses', 'loses' {
            $env:STANDIN_FAULT = $_
            $env:STANDIN_GOOD_WRITES = '2'
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
            Get-Stored 'metal-recovery-codes-next' | Should -BeExactly (Get-CodeText)

            # And the next run mends it.
            $env:STANDIN_FAULT = $null
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 0
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-CodeText)
        }

        It 'replaces nothing with a wrong token' {
            $env:METAL_AUTH_TOKEN = 'wrong'
            (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
            $env:METAL_AUTH_TOKEN = $emulator.Token
            Get-CodeText | Should -BeExactly $old
            Get-ChildItem -LiteralPath $env:STANDIN_VAULTS -Recurse -File | Should -HaveCount 1
        }

        It 'goes on when the response is lost after the API did its work' {
            Add-EmulatorFault $emulator '{"operation":"regenerateCodes","name":"lost-response","count":1}'
            $run = Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'response was lost \('
            Get-CodeText | Should -Not -Be $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-CodeText)
        }

        It 'fails when the API did nothing' {
            Add-EmulatorFault $emulator '{"operation":"regenerateCodes","status":500,"count":1}'
            $run = Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery'
            $run.ExitCode | Should -Be 1
            $run.Text | Should -Match 'HTTP 500'
            Get-CodeText | Should -BeExactly $old
            Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
        }

        Context 'with something between it and the API' {
            AfterEach {
                $relay.Listener.Close()
                $relay.Worker.Dispose()
            }

            It 'fails when no answer comes any more, and Save-RecoveryCode makes up for it' {
                $script:relay = Open-Relay $emulator.Url LoseAllAnswers
                $env:METAL_API_URL = $relay.Url
                (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
                Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
                $env:METAL_API_URL = $emulator.Url
                Get-CodeText | Should -Not -Be $old
                (Invoke-Runbook './Save-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 0
                Get-Stored 'metal-recovery-codes' | Should -BeExactly ((Get-MetalRecoveryCode -AsPlainText) -join "`n")
            }

            It 'fails when somebody else replaces the codes too' {
                $script:relay = Open-Relay $emulator.Url ResetAgain
                $env:METAL_API_URL = $relay.Url
                (Invoke-Runbook './Update-RecoveryCode.ps1 -Vault Recovery').ExitCode | Should -Be 1
                Get-Stored 'metal-recovery-codes' | Should -BeExactly $old
            }
        }
    }

    Context 'tables of accounts' {
        BeforeEach {
            $script:table = Join-Path $TestDrive 'accounts.csv'
            $script:report = Join-Path $TestDrive "$([guid]::NewGuid()).csv"
            Write-Stored 'totp' $emulator.TotpSecret
            Write-Stored 'totp-wrong' 'JBSWY3DPEHPK3PXP'
            0..2 | ForEach-Object { Write-Stored "token-$_" $emulator.Tokens[$_] }
            Write-Stored 'token-wrong' 'wrong'
            $script:rows = @('Name,TokenSecret,TotpSecret', 'a,token-0,totp', 'b,token-1,totp', 'c,token-2,totp')
            # What the environment has must not stand in for what the table says.
            Use-Emulator $null
            $env:METAL_API_URL = $emulator.Url
        }

        It 'has an example with the columns' {
            $columns = (Import-Csv -LiteralPath (Join-Path $runbooks 'accounts.csv'))[0].PSObject.Properties.Name
            $columns | Should -Be 'Name', 'TokenSecret', 'TotpSecret'
        }

        It 'confirms all' {
            Set-Content -LiteralPath $table -Value $rows
            $run = Invoke-Runbook "./Confirm-Account.ps1 -Path '$table' -Vault Recovery -Report '$report'"
            $run.ExitCode | Should -Be 0 -Because $run.Text
            (Import-Csv -LiteralPath $report).Confirmed | Should -Be 'True', 'True', 'True'
            $run.Text + (Get-Content -LiteralPath $report -Raw) | Should -Not -Match ($emulator.Tokens + $emulator.TotpSecret -join '|')
        }

        It 'goes on after a failure and reports it' {
            Set-Content -LiteralPath $table -Value ($rows + 'd,token-wrong,totp', 'e,no-such-secret,totp', 'f,token-2,totp-wrong')
            $run = Invoke-Runbook "./Confirm-Account.ps1 -Path '$table' -Vault Recovery -Report '$report'"
            $run.ExitCode | Should -Be 1
            $rows = Import-Csv -LiteralPath $report
            $rows.Account | Should -Be 'a', 'b', 'c', 'd', 'e', 'f'
            $rows.Confirmed | Should -Be 'True', 'True', 'True', 'False', 'False', 'False'
            $rows[3].ErrorId | Should -Be 'Unauthorized'
            $rows[3].RequestId | Should -Not -BeNullOrEmpty
            $rows[4].ErrorId | Should -Not -BeNullOrEmpty
            $rows[5].ErrorId | Should -Be 'OtpRejected'
            [regex]::Matches($run.Output, '(?m)^[a-f] +(True|False)').Count | Should -Be 6 -Because $run.Text
        }

        It 'fails for an empty table' {
            Set-Content -LiteralPath $table -Value $rows[0]
            (Invoke-Runbook "./Confirm-Account.ps1 -Path '$table' -Vault Recovery").ExitCode | Should -Be 1
        }

        It 'counts the codes of many at once' {
            if ($PSVersionTable.PSVersion.Major -lt 7) {
                Set-ItResult -Skipped -Because 'ForEach-Object -Parallel needs PowerShell 7'
                return
            }
            Set-Content -LiteralPath $table -Value $rows
            $run = Invoke-Runbook "./Measure-RecoveryCode.ps1 -Path '$table' -Vault Recovery"
            $run.ExitCode | Should -Be 0 -Because $run.Text
            [regex]::Matches($run.Output, '(?m)^[abc] +10 +True').Count | Should -Be 3 -Because $run.Text
            $run.Text | Should -Not -Match ($emulator.Tokens -join '|')

            (Invoke-Runbook "./Measure-RecoveryCode.ps1 -Path '$table' -Vault Recovery -Minimum 11").ExitCode | Should -Be 1

            Set-Content -LiteralPath $table -Value ($rows + 'd,token-wrong,totp')
            $run = Invoke-Runbook "./Measure-RecoveryCode.ps1 -Path '$table' -Vault Recovery"
            $run.ExitCode | Should -Be 1
            $run.Output | Should -Match '(?m)^d +0 +False +Unauthorized'
            [regex]::Matches($run.Output, '(?m)^[abc] +10 +True').Count | Should -Be 3 -Because $run.Text
        }
    }

    Context 'Test-Runbook' {
        BeforeEach {
            if ($PSVersionTable.PSVersion -lt '7.4') {
                Set-ItResult -Skipped -Because 'Test-Runbook needs PowerShell 7.4'
            }
            # It must take nothing from the environment, and leave nothing in it.
            Use-Emulator $null
            $env:METAL_API_URL = 'http://127.0.0.1:1/'
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
            $arguments = '@{ Vault = "Mine", "Yours"; Code = 5; Loud = $true; Secret = ConvertTo-SecureString secret -AsPlainText }'
            $test = "./Test-Runbook.ps1 -Runbook '$mine' -EmulatorArguments --session-tokens -Arguments `$arguments"
            Set-Content -LiteralPath "$TestDrive/start.ps1" -Value @(
                "Set-Location -LiteralPath '$runbooks'", "`$arguments = $arguments", $test, 'exit $LASTEXITCODE')
            $run = Invoke-Runbook "$TestDrive/start.ps1" -File
            $run.ExitCode | Should -Be 5 -Because $run.Text
            $run.Text | Should -Match 'Vault: Mine\+Yours'
            $run.Text | Should -Match 'Loud: True, 6'
            $run.Text | Should -Match 'Session: System.Security.SecureString'
            $run.Text -match 'Url: (http://127\.0\.0\.1:\d+/metal/v1)' | Should -BeTrue
            { Get-MetalRecoveryCode -ApiUrl $Matches[1] -Token (ConvertTo-Secure 'any') -MaximumRetryCount 0 -ErrorAction Stop } |
                Should -Throw -ErrorId 'ConnectionFailed,*'
        }

        It 'runs its example <_>, without help from PSModulePath' -ForEach 0, 1, 2 {
            $example = (Get-Help "$runbooks/Test-Runbook.ps1" -Examples).examples.example[$_]
            # Get-Help takes an example's first line for its code.
            $code = @($example.code) + @($example.remarks.Text) -match '^(\./|Set-Content )' -join "`n"
            $code = $code -replace '\./Mine', "$TestDrive/Mine" -replace '(?s)\n\n.*'
            Set-Content -LiteralPath "$TestDrive/example.ps1" -Value "Set-Location -LiteralPath '$runbooks'", $code, 'exit $LASTEXITCODE'
            $before = $env:PSModulePath
            $env:PSModulePath = $null
            try {
                $run = Invoke-Runbook "$TestDrive/example.ps1" -File
            } finally {
                $env:PSModulePath = $before
            }
            $run.ExitCode | Should -Be @(0, 1, 0)[$_] -Because "$code`n$($run.Text)"
        }

        It 'runs a runbook that passes, and leaves the environment as it was' {
            $run = Invoke-Runbook './Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'has 10 recovery codes'
            $env:METAL_API_URL | Should -Be 'http://127.0.0.1:1/'
        }

        It 'says when the emulator does not start' {
            $run = Invoke-Runbook './Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1 -EmulatorArguments --no-such-option'
            $run.ExitCode | Should -Be 1
        }
    }

    Context 'schedulers' {
        It 'runs in Azure Automation''s way' {
            Write-Stored 'metal-token' $emulator.Token -Vault Assets
            Write-Stored 'metal-totp' $emulator.TotpSecret -Vault Assets
            Use-Emulator $null
            $env:METAL_API_URL = $emulator.Url
            $run = Invoke-Runbook './Start-AzureAutomation.ps1 -KeyVault kv -SubscriptionId 42'
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'registered Recovery Az\.KeyVault kv 42'
            Use-Emulator $emulator
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-CodeText)
            $run.Text | Should -Not -Match "$($emulator.TotpSecret)|$($emulator.Token)"
        }

        It 'runs from cron''s small environment' {
            if ($env:OS -eq 'Windows_NT') {
                Set-ItResult -Skipped -Because 'there is no cron'
            }
            $homeFolder = Join-Path $TestDrive 'home with space'
            $null = New-Item -ItemType Directory -Path "$homeFolder/.config/equinix", "$homeFolder/runbooks"
            Copy-Item -LiteralPath (Join-Path $runbooks 'Update-RecoveryCode.ps1') -Destination "$homeFolder/runbooks"
            Set-Content -LiteralPath "$homeFolder/.config/equinix/otp.env" -Value @(
                'METAL_AUTH_TOKEN', 'METAL_API_URL', 'PSModulePath', 'STANDIN_VAULTS' |
                    ForEach-Object { "export $_='$([Environment]::GetEnvironmentVariable($_))'" }
            )
            $entry = @(Get-Content -LiteralPath (Join-Path $runbooks 'crontab'))[-1]
            $entry | Should -Not -Match '%' -Because 'cron makes a line end of it'
            $minute, $hour, $day, $month, $weekday, $command = $entry -split ' ', 6
            Set-Content -LiteralPath "$TestDrive/cron.sh" -Value $command
            $folders = $pwshFolder, (Split-Path (Get-Command dotnet).Source) -join ':'
            $start = "-i HOME=`"$homeFolder`" LOGNAME=cron SHELL=/bin/sh PATH=`"$folders`:/usr/bin:/bin`" /bin/sh `"$TestDrive/cron.sh`""
            $run = Receive-Program (Invoke-Program '/usr/bin/env' $start)
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'Stored 10 new'
            Get-Stored 'metal-recovery-codes' | Should -BeExactly (Get-CodeText)
        }

        It 'names files in the workflow that there are' {
            $workflow = Get-Content -LiteralPath (Join-Path $runbooks 'github-actions.yml') -Raw
            $named = [regex]::Matches($workflow, '/runbooks/([\w-]+\.ps1)').ForEach({ $_.Groups[1].Value })
            $named | Should -Not -BeNullOrEmpty
            $named | ForEach-Object { Join-Path $runbooks $_ | Should -Exist }
        }

        It 'runs the workflow''s test where a user copied it to' {
            if ($PSVersionTable.PSVersion -lt '7.4') {
                Set-ItResult -Skipped -Because 'Test-Runbook needs PowerShell 7.4'
            }
            $workflow = Get-Content -LiteralPath (Join-Path $runbooks 'github-actions.yml') -Raw
            $clone = [regex]::Matches($workflow, '(?m)^ +path: (\S+)')[-1].Groups[1].Value
            $command = [regex]::Matches($workflow, '(?m)^ +run: (.+?)\r?$')[-1].Groups[1].Value

            # The sources of the module and the emulator, and the user's runbook beside it.
            $workspace = (New-Item -ItemType Directory -Path "$TestDrive/workspace", "$TestDrive/workspace/$clone/docs")[0].FullName
            $checkout = Join-Path $runbooks '../..'
            Get-ChildItem -LiteralPath $checkout -File -Force | Copy-Item -Destination "$workspace/$clone"
            Copy-Item -LiteralPath "$checkout/src" -Destination "$workspace/$clone" -Recurse
            Copy-Item -LiteralPath $runbooks -Destination "$workspace/$clone/docs" -Recurse
            $mine = New-Item -ItemType Directory -Path "$workspace/runbooks"
            Copy-Item -LiteralPath "$runbooks/Confirm-SecondFactor.ps1" -Destination $mine

            Use-Emulator $null
            $run = Invoke-Runbook "Set-Location -LiteralPath '$workspace'; $command; exit `$LASTEXITCODE" -Command
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'has 10 recovery codes'
        }
    }

    # What docs/runbooks.md says of shells with nobody at the keyboard.
    Context 'nobody at the keyboard' {
        It '<What>: exit code <File> by -File, <Command> by -Command' -ForEach @(
            @{ What = 'an error'; File = 0; Command = 0; Script = 'Confirm-MetalOtp 000000; "after"' }
            @{ What = 'an error at the end'; File = 0; Command = 0; Script = '"after"; Confirm-MetalOtp 000000' }
            @{ What = 'an error with Stop'; File = 1; Command = 1; Script = '$ErrorActionPreference = "Stop"; Confirm-MetalOtp 000000; "after"' }
            @{ What = 'no token'; File = 0; Command = 0; Script = '$env:METAL_AUTH_TOKEN = $null; Get-MetalRecoveryCode; "after"' }
            @{ What = 'a rejected OTP with -Quiet'; File = 0; Command = 0; Script = '$null = Confirm-MetalOtp 000000 -Quiet; "after"' }
            @{ What = 'an exit of its own'; File = 3; Command = 1; Script = 'if (-not (Confirm-MetalOtp 000000 -Quiet)) { exit 3 }; "after"' }
            @{ What = 'a question'; File = 0; Command = 0; Script = 'Reset-MetalRecoveryCode; "after"' }
            @{ What = 'a question with Stop'; File = 1; Command = 1; Script = '$ErrorActionPreference = "Stop"; Reset-MetalRecoveryCode; "after"' }
            @{ What = 'a question answered'; File = 0; Command = 0; Script = '$null = Reset-MetalRecoveryCode -Confirm:$false; "after"' }
            @{ What = 'a missing OTP'; File = 0; Command = 0; Script = 'Confirm-MetalOtp; "after"' }
        ) {
            $codes = Get-CodeText
            Set-Content -LiteralPath "$TestDrive/mine.ps1" -Value $Script
            $byFile = Invoke-Runbook "$TestDrive/mine.ps1" -File
            $byFile.ExitCode | Should -Be $File -Because $byFile.Text
            ($byFile.Output -split '\r?\n' -contains 'after') | Should -Be ($File -eq 0)
            (Invoke-Runbook "& '$TestDrive/mine.ps1'" -Command).ExitCode | Should -Be $Command
            (Get-CodeText) -ceq $codes | Should -Be ($What -ne 'a question answered')
        }

        It 'gives 1 when the last thing of a -Command is an error' {
            (Invoke-Runbook 'Confirm-MetalOtp 000000' -Command).ExitCode | Should -Be 1
            (Invoke-Runbook 'Confirm-MetalOtp 000000; 1' -Command).ExitCode | Should -Be 0
        }

        It 'asks nothing for an SMS' {
            (Invoke-Runbook 'Send-MetalOtpSms' -Command).ExitCode | Should -Be 0
            Receive-SmsCode $emulator | Should -Match '^\d{6}$'
        }
    }
}

Describe 'the help of the runbooks' {
    It 'is found for <_>' -ForEach (Get-ChildItem -Path (Join-Path $PSScriptRoot '../../docs/runbooks/*.ps1')).Name {
        $help = Get-Help (Join-Path $runbooks $_) -Full
        $help.Synopsis | Should -Match '\.$' -Because 'a generated synopsis is the syntax'
        $help.examples.example | Should -Not -BeNullOrEmpty
        $help.parameters.parameter | Where-Object { $_ -and -not $_.description } | Should -BeNullOrEmpty
    }
}
