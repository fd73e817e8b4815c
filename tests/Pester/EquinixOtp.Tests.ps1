BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:emulator = Open-Emulator -Accounts 2
}

AfterAll {
    $emulator | Close-Emulator
    Restore-MetalEnvironment $environment
}

Describe 'The module' {
    BeforeEach {
        Restore-Emulator $emulator
    }

    It 'has a valid manifest' {
        $module = Test-ModuleManifest -Path $Manifest -ErrorAction Stop -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $module.CompatiblePSEditions | Should -Be 'Core', 'Desktop'
        $module.PowerShellVersion | Should -Be '5.1'
    }

    It 'has the version of its assembly, and sends it with that of PowerShell' {
        $module = Get-Module EquinixOtp
        [EquinixOtp.MetalApiException].Assembly.GetName().Version.ToString(3) | Should -Be $module.Version
        $version = "$($module.Version)-$($module.PrivateData.PSData.Prerelease)".TrimEnd('-')
        Get-MetalRecoveryCode -Debug 5>&1 | ForEach-Object { "$_" } |
            Should -Contain "> User-Agent: EquinixOtp/$version PowerShell/$($PSVersionTable.PSVersion)"
    }

    It 'exports four cmdlets and nothing else' {
        $module = Get-Module EquinixOtp
        $module.ExportedCommands.Keys | Sort-Object | Should -Be @(
            'Confirm-MetalOtp', 'Get-MetalRecoveryCode', 'Reset-MetalRecoveryCode', 'Send-MetalOtpSms'
        )
        $module.ExportedCmdlets.Count | Should -Be 4
        $module.ExportedVariables.Count | Should -Be 0
    }

    It 'writes nothing when it is imported' {
        $run = Invoke-Runspace "Import-Module '$Manifest'"
        $run.Text | Should -BeNullOrEmpty
        $run.ExitCode | Should -Be 0
    }

    It 'works after <Again>' -ForEach @(
        @{ Again = { Import-Module $Manifest -Force } }
        @{ Again = { Remove-Module EquinixOtp; Import-Module $Manifest } }
        @{ Again = { Import-Module $Manifest -Prefix X; Remove-Module EquinixOtp; Import-Module $Manifest } }
        @{ Again = { Set-Location (Split-Path $Manifest); Import-Module ./EquinixOtp.psd1 } }
    ) {
        Push-Location
        . $Again
        Pop-Location
        Get-MetalRecoveryCode | Out-String | Should -Match '\*'
    }

    It 'removes its cmdlets when it is removed' {
        Remove-Module EquinixOtp
        Get-Command Get-MetalRecoveryCode -ErrorAction Ignore | Should -BeNullOrEmpty
        Import-Module $Manifest
    }

    # -Parallel needs PowerShell 7.
    It 'works in ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $results = $emulator.Tokens * 5 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:Manifest
            $token = [System.Net.NetworkCredential]::new('', $_).SecurePassword
            [pscustomobject]@{ Token = $_; Codes = (Get-MetalRecoveryCode -Token $token -AsPlainText) -join ' ' }
        }
        $results | Should -HaveCount 10
        foreach ($i in 0, 1) {
            $codes = (Invoke-EmulatorAdmin "accounts/$($i + 1)").recoveryCodes -join ' '
            ($results | Where-Object Token -EQ $emulator.Tokens[$i]).Codes | Select-Object -Unique | Should -Be $codes
        }
    }

    Context 'in a script' {
        It 'leaves exit code <File> with -File and <Command> with -Command: <Script>' -ForEach @(
            @{ File = 0; Command = 0; Script = 'Get-MetalRecoveryCode' }
            @{ File = 0; Command = 1; Script = 'Confirm-MetalOtp wrong-otp' }
            @{ File = 0; Command = 0; Script = 'Confirm-MetalOtp wrong-otp; "after"' }
            @{ File = 0; Command = 0; Script = '$null = Confirm-MetalOtp wrong-otp -Quiet' }
            @{ File = 1; Command = 1; Script = 'Confirm-MetalOtp wrong-otp -ErrorAction Stop; exit 0' }
            @{ File = 3; Command = 3; Script = 'Confirm-MetalOtp wrong-otp; if (-not $?) { exit 3 }' }
        ) {
            $run = "Import-Module `$Manifest; $Script"
            (Invoke-Shell $run).ExitCode | Should -Be $File
            (Invoke-Shell $run -AsCommand).ExitCode | Should -Be $Command
        }

        It 'fails when the OTP is missing and the shell cannot prompt' {
            $run = Invoke-Shell 'Import-Module $Manifest; try { Confirm-MetalOtp } catch { $_.FullyQualifiedErrorId }'
            $run.Lines | Should -Be 'MissingMandatoryParameter,EquinixOtp.ConfirmMetalOtpCommand'
        }
    }
}

Describe '<Name>' -ForEach (& $PSScriptRoot/Cmdlets.ps1) {
    BeforeAll {
        $script:type = $Name -replace '-(.+)', '$1Command'

        # Returns the error of a call with these parameters, or nothing.
        function Get-Failure {
            param([hashtable] $With = @{})

            try {
                $null = & $Name @Own @With -ErrorAction Stop
            } catch {
                $_
            }
        }

        # An address that refuses connections while this socket is bound.
        $script:silent = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
        $silent.Bind([System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, 0))
        $script:silentUrl = "http://localhost:$($silent.LocalEndPoint.Port)/metal/v1"
    }

    BeforeEach {
        Restore-Emulator $emulator
    }

    AfterAll {
        $silent.Dispose()
    }

    It 'has a help message for each mandatory parameter' {
        $sets = (Get-Command $Name).ParameterSets
        $sets.Parameters | Where-Object IsMandatory | Where-Object { -not $_.HelpMessage } | Should -BeNullOrEmpty
    }

    It 'asks for the credential of -ProxyCredential when a user name is passed' {
        (Get-Command $Name).Parameters.ProxyCredential.Attributes.TypeId.Name | Should -Contain 'CredentialAttribute'
    }

    if ($Name -ne 'Get-MetalRecoveryCode') {
        It 'sends nothing with <Case>' -ForEach @(
            @{ Case = '-WhatIf'; Call = { & $Name @Own -WhatIf } }
            @{ Case = '$WhatIfPreference'; Call = { $WhatIfPreference = $true; & $Name @Own } }
        ) {
            & $Call | Should -BeNullOrEmpty
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'validates the token with -WhatIf too' {
            (Get-Failure @{ WhatIf = $true; Token = ConvertTo-Secure 'a b' }).FullyQualifiedErrorId |
                Should -Be "InvalidToken,EquinixOtp.$type"
        }
    }

    It 'retries as often as -MaximumRetryCount says' {
        Add-EmulatorFault @{ operation = '*'; status = 429 }
        (Get-Failure @{ MaximumRetryCount = 2; RetryIntervalSec = 0 }).FullyQualifiedErrorId | Should -Be "RateLimited,EquinixOtp.$type"
        Get-ApiRequest | Should -HaveCount 3
    }

    It 'fails when a response takes longer than -TimeoutSec' {
        Add-EmulatorFault @{ operation = '*'; delay = '00:01:00' }
        (Get-Failure @{ TimeoutSec = 1; MaximumRetryCount = 0 }).FullyQualifiedErrorId | Should -Be "Timeout,EquinixOtp.$type"
    }

    It 'fails when the connection is refused' {
        (Get-Failure @{ ApiUrl = $silentUrl; MaximumRetryCount = 0 }).FullyQualifiedErrorId | Should -Be "ConnectionFailed,EquinixOtp.$type"
    }

    It 'refuses -<Parameter> outside <Minimum> to <Maximum>' -ForEach @(
        @{ Parameter = 'TimeoutSec'; Minimum = 1; Maximum = 86400 }
        @{ Parameter = 'MaximumRetryCount'; Minimum = 0; Maximum = 100 }
        @{ Parameter = 'RetryIntervalSec'; Minimum = 0; Maximum = 3600 }
    ) {
        Get-Failure @{ $Parameter = $Minimum } | Should -BeNullOrEmpty
        Get-Failure @{ $Parameter = $Maximum } | Should -BeNullOrEmpty
        foreach ($value in ($Minimum - 1), ($Maximum + 1)) {
            (Get-Failure @{ $Parameter = $value }).FullyQualifiedErrorId | Should -Be "ParameterArgumentValidationError,EquinixOtp.$type"
        }
    }

    It 'sends the request through -Proxy' {
        # Nothing listens at the URL. As a proxy, the emulator responds in its place.
        $proxy = ([uri] $emulator.Url).GetLeftPart('Authority')
        Get-Failure @{ ApiUrl = $silentUrl; Proxy = $proxy } | Should -BeNullOrEmpty
    }

    It 'accepts -NoProxy' {
        Get-Failure @{ NoProxy = $true } | Should -BeNullOrEmpty
    }
}
