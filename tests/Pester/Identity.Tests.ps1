<#
    The API and the user of a call, from parameters, the environment, rows, confirmations and default values. The emulator's journal
    contains the account of each request.
#>
BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:emulator = Open-Emulator '--session-tokens' -Accounts 2
    $script:other = Open-Emulator
    $script:second = ConvertTo-Secure $emulator.Tokens[1]

    # Returns the error of a script block, or nothing.
    function Get-Failure([scriptblock] $Call) {
        $ErrorActionPreference = 'Stop'
        try {
            $null = & $Call 3>$null
        } catch {
            $_
        }
    }

    function Confirm-Account {
        # Confirms with the account's next recovery code.
        param([int] $Account, [hashtable] $With = @{})

        Confirm-MetalOtp (Invoke-EmulatorAdmin "accounts/$Account").recoveryCodes[0] @With
    }

    function ConvertTo-Copy($Object) {
        $text = [System.Management.Automation.PSSerializer]::Serialize($Object)
        [System.Management.Automation.PSSerializer]::Deserialize($text)
    }

    function Disable-SessionToken {
        Add-EmulatorFault @{ operation = 'findEnsureOtp'; status = 204 }
    }
}

AfterAll {
    $emulator, $other | Close-Emulator
    Restore-MetalEnvironment $environment
}

Describe '<Name>' -ForEach (& $PSScriptRoot/Cmdlets.ps1) {
    BeforeAll {
        $script:type = $Name -replace '-(.+)', '$1Command'
    }

    BeforeEach {
        Restore-Emulator $other
        Restore-Emulator $emulator
    }

    Context 'with parameters and environment' {
        It 'uses the token of <Variable> before those of <Others>' -ForEach @(
            @{ Variable = 'METAL_AUTH_TOKEN'; Others = 'METAL_API_TOKEN', 'PACKET_AUTH_TOKEN' }
            @{ Variable = 'METAL_API_TOKEN'; Others = 'PACKET_AUTH_TOKEN' }
            @{ Variable = 'PACKET_AUTH_TOKEN'; Others = @() }
        ) {
            $env:METAL_AUTH_TOKEN = ''
            [Environment]::SetEnvironmentVariable($Variable, $emulator.Tokens[1])
            $Others | ForEach-Object { [Environment]::SetEnvironmentVariable($_, 'wrong') }
            $null = & $Name @Own
            (Get-ApiRequest).account | Should -Be 2
        }

        It 'uses -<Parameter> before the environment''s token' -ForEach @{ Parameter = 'Token' }, @{ Parameter = 'SessionToken' } {
            $with = @{ $Parameter = $second }
            $null = & $Name @Own @with
            (Get-ApiRequest).account | Should -Be 2
        }

        It 'uses -ApiUrl before the environment''s URL: <Url>' -ForEach @(
            @{ Url = { $emulator.Url } }
            @{ Url = { [uri] "$($emulator.Url)/" } }
            @{ Url = { $emulator.Url -replace '127\.0\.0\.1', 'localhost' } }
        ) {
            $env:METAL_API_URL = $other.Url
            $null = & $Name @Own -ApiUrl (& $Url)
            (Get-ApiRequest).account | Should -Be 1
            Get-ApiRequest $other | Should -BeNullOrEmpty
        }

        It 'is for the public API by default' {
            Use-Emulator
            (Get-Failure { & $Name @Own }).TargetObject | Should -Be 'https://api.equinix.com/metal/v1'
        }

        It 'fails with <Id>, and does not use the environment, for <With>' -ForEach @(
            @{ Id = 'InvalidToken'; With = @{ Token = $null } }
            @{ Id = 'InvalidToken'; With = @{ Token = [securestring]::new() } }
            @{ Id = 'InvalidToken'; With = @{ SessionToken = $null } }
            @{ Id = 'InvalidApiUrl'; With = @{ ApiUrl = $null } }
            @{ Id = 'InvalidApiUrl'; With = @{ ApiUrl = 'metal/v1' } }
            @{ Id = 'InvalidProxy'; With = @{ Proxy = $null } }
            @{ Id = 'InvalidProxy'; With = @{ ProxyCredential = [pscredential]::new('user', [securestring]::new()) } }
            @{ Id = 'InvalidProxy'; With = @{ Proxy = 'http://127.0.0.1:3128'; NoProxy = $true } }
            @{
                Id   = 'InvalidProxy'
                With = @{ Proxy = 'http://127.0.0.1:3128'; ProxyCredential = [pscredential]::new('domain\', [securestring]::new()) }
            }
            @{
                Id   = 'InvalidProxy'
                With = @{
                    Proxy           = 'http://127.0.0.1:3128'
                    ProxyCredential = & {
                        $password = [securestring]::new()
                        [pscredential]::new('disposed', $password)
                        $password.Dispose()
                    }
                }
            }
        ) {
            (Get-Failure { & $Name @Own @With }).FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.$type"
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'refuses a token in plain text, and does not quote it' {
            $plain = 'canary-token'
            $failure = Get-Failure { & $Name @Own -Token $plain }
            $failure.FullyQualifiedErrorId | Should -Be "ParameterArgumentTransformationError,EquinixOtp.$type"
            $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
        }
    }

    Context 'with rows from the pipeline' {
        It 'uses the token and the URL of each row, and nothing of the row before' {
            @(
                [pscustomobject]@{ Token = $second }
                [pscustomobject]@{ SessionToken = $second; ApiUrl = $other.Url }
                [pscustomobject]@{ ApiUrl = $emulator.Url }
            ) | & $Name @Own -ErrorAction SilentlyContinue -ErrorVariable failures | Out-Null
            (Get-ApiRequest).account | Should -Be 2, 1
            Get-ApiRequest $other | Should -HaveCount 1
            $failures.FullyQualifiedErrorId | Should -Be "Unauthorized,EquinixOtp.$type"
        }

        It 'fails with <Id>, and does not use the environment or another row, for <Row>' -ForEach @(
            @{ Id = 'InvalidToken'; Row = @{ Token = $null } }
            @{ Id = 'InvalidToken'; Row = @{ SessionToken = $null } }
            @{ Id = 'InvalidApiUrl'; Row = @{ ApiUrl = $null } }
            @{ Id = 'InvalidApiUrl'; Row = @{ ApiUrl = '' } }
            @{ Id = 'InsecureApiUrl'; Row = @{ ApiUrl = 'http://metal.invalid/' } }
            @{ Id = 'ParameterArgumentTransformationError'; Row = @{ Token = 'plain text' } }
        ) {
            $rows = [pscustomobject]@{ ApiUrl = $emulator.Url; Token = $second }, [pscustomobject] $Row
            (Get-Failure { $rows | & $Name @Own }).FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.$type"
            (Get-ApiRequest).account | Should -Be 2
        }
    }

    Context 'with default values' {
        It 'fails without a request when PowerShell does not bind one: <Values>' -ForEach @(
            @{ Values = @{ '*-Metal*:Token' = 'plain text' } }
            @{ Values = @{ '*-Metal*:SessionToken' = 'plain text' } }
            @{ Values = @{ '*-Metal*:''Token''' = 'plain text' } }
            @{ Values = @{ '''*-Metal*'':Token' = 'plain text' } }
            @{ Values = @{ '"*-Metal* " : " Token "' = 'plain text' } }
            @{ Values = @{ '*:Tok*' = 1 } }
            @{ Values = @{ '*-Metal*:NoProxy' = 'perhaps'; '*-Metal*:TimeoutSec' = 5 } }
        ) {
            $PSDefaultParameterValues = $Values
            (Get-Failure { & $Name @Own }).FullyQualifiedErrorId | Should -Be "InvalidDefaultValue,EquinixOtp.$type"
            Get-ApiRequest | Should -BeNullOrEmpty
        }

        It 'finds a default value under another name of the cmdlet: <From>' -ForEach @(
            @{ From = 'an alias'; Call = { Set-Alias own $Name; $PSDefaultParameterValues = @{ 'own:Token' = 'plain text' }; own @Own } }
            @{
                From = 'an alias with the name in capitals, in a call by name'
                Call = { Set-Alias own $Name.ToUpperInvariant(); $PSDefaultParameterValues = @{ 'own:Token' = 'plain text' }; & $Name @Own }
            }
            @{
                From = 'a prefix'
                Call = {
                    Import-Module $Manifest -Prefix My
                    $PSDefaultParameterValues = @{ "${Name}:Token" = 'plain text' }
                    & ($Name -replace '-', '-My') @Own
                }
            }
        ) {
            (Get-Failure $Call).FullyQualifiedErrorId | Should -Be "InvalidDefaultValue,EquinixOtp.$type"
            Import-Module $Manifest -Force
        }

        It 'finds a default value in capitals in a Turkish session' {
            $culture = [cultureinfo]::CurrentCulture
            [cultureinfo]::CurrentCulture = 'tr-TR'
            try {
                $PSDefaultParameterValues = @{ "${Name}:TIMEOUTSEC" = 'perhaps' }
                $failure = Get-Failure { & $Name @Own }
            } finally {
                [cultureinfo]::CurrentCulture = $culture
            }
            $failure.FullyQualifiedErrorId | Should -Be "InvalidDefaultValue,EquinixOtp.$type"
        }

        It 'works with values that are bound, disabled, for another command or for a common parameter: <Values>' -ForEach @(
            @{ Values = @{ '*-Metal*:TimeoutSec' = 5; 'Other-Command:ApiUrl' = 1 } }
            @{ Values = @{ '*-Metal*:Token' = 'plain text'; Disabled = $true } }
            @{ Values = @{ 'Confirm-MetalOtp:TotpSecret' = [securestring]::new() } }
            @{ Values = @{ '*:Verbose' = { if ($false) { $true } } } }
        ) {
            $PSDefaultParameterValues = $Values
            $null = & $Name @Own
            (Get-ApiRequest).account | Should -Be 1
        }
    }

    if ($Name -eq 'Confirm-MetalOtp') {
        return
    }

    Context 'with a confirmation <How>' -ForEach @(
        @{ How = 'from the pipeline'; Use = { param($Confirmation, $With = @{}) $Confirmation | & $Name @Own @With } }
        @{ How = 'as an argument'; Use = { param($Confirmation, $With = @{}) & $Name @Own -InputObject $Confirmation @With } }
    ) {
        It 'acts at the confirming API with the session token, whatever the environment says' {
            $confirmation = Confirm-Account 2 @{ Token = $second }
            Invoke-EmulatorAdmin accounts/2/token -Method Delete
            Use-Emulator $other
            $null = & $Use $confirmation
            (Get-ApiRequest).account | Should -Be 2, 2
            Get-ApiRequest $other | Should -BeNullOrEmpty
        }

        It 'acts with the token that confirmed when there is no session token: <Source>' -ForEach @(
            @{ Source = 'a parameter, which the caller changes afterwards'; IsExplicit = $true }
            @{ Source = 'the environment'; IsExplicit = $false }
        ) {
            Disable-SessionToken
            $token = (ConvertTo-Secure $emulator.Tokens[1]).Copy()
            $with = if ($IsExplicit) { @{ Token = $token } } else { @{} }
            $env:METAL_AUTH_TOKEN = if ($IsExplicit) { 'wrong' } else { $emulator.Tokens[1] }
            $confirmation = Confirm-Account 2 $with
            $token.AppendChar('x')
            $token.Dispose()
            Use-Emulator $other
            $null = & $Use $confirmation
            (Get-ApiRequest).account | Should -Be 2, 2
            Get-ApiRequest $other | Should -BeNullOrEmpty
        }

        It 'accepts a copy of the confirmation that has a session token: <Copy>' -ForEach @(
            @{ Copy = { ConvertTo-Copy $args[0] } }
            @{ Copy = { $args[0] | Select-Object * } }
        ) {
            $confirmation = & $Copy (Confirm-Account 2 @{ Token = $second })
            Use-Emulator $other
            $null = & $Use $confirmation
            (Get-ApiRequest).account | Should -Be 2, 2
            Get-ApiRequest $other | Should -BeNullOrEmpty
        }

        It 'refuses a confirmation whose session token is disposed' {
            $confirmation = Confirm-Account 1
            $confirmation.SessionToken.Dispose()
            (Get-Failure { & $Use $confirmation }).FullyQualifiedErrorId | Should -BeLike 'InvalidToken,*'
        }

        It 'refuses a copy of the confirmation that has no session token' {
            Disable-SessionToken
            $confirmation = Confirm-Account 1 | Select-Object *
            (Get-Failure { & $Use $confirmation }).FullyQualifiedErrorId | Should -Be "TokenNotFound,EquinixOtp.$type"
            Get-ApiRequest | Should -HaveCount 1
        }

        It 'refuses another user or API beside it: <With>' -ForEach @(
            @{ With = @{ Token = [securestring]::new() } }
            @{ With = @{ Token = $null } }
            @{ With = @{ ApiUrl = 'http://127.0.0.1/' } }
        ) {
            $confirmation = Confirm-Account 1
            (Get-Failure { & $Use $confirmation $With }).FullyQualifiedErrorId | Should -Be "AmbiguousIdentity,EquinixOtp.$type"
            $PSDefaultParameterValues = @{ "*-Metal*:$($With.Keys)" = $With.Values | ForEach-Object { if ($_) { $_ } else { $second } } }
            (Get-Failure { & $Use $confirmation }).FullyQualifiedErrorId | Should -Be "AmbiguousIdentity,EquinixOtp.$type"
            Get-ApiRequest | Should -HaveCount 1
        }

        It 'refuses $null, and does not use the environment' {
            (Get-Failure { & $Use $null }).FullyQualifiedErrorId | Should -Be "ParameterArgumentValidationError,EquinixOtp.$type"
        }
    }

    Context 'with piped input' {
        It 'refuses <With> beside a row' -ForEach @(
            @{ With = '-InputObject'; Call = { $row | & $Name @Own -InputObject $confirmation } }
            @{
                With = 'a default -InputObject'
                Call = { $PSDefaultParameterValues = @{ '*-Metal*:InputObject' = $confirmation }; $row | & $Name @Own }
            }
            @{ With = 'a default -Token'; Call = { $PSDefaultParameterValues = @{ '*-Metal*:Token' = $second }; $row | & $Name @Own } }
            @{
                With = 'a default -Token for an alias'
                Call = { Set-Alias own $Name; $PSDefaultParameterValues = @{ 'own:Token' = $second }; $row | & $Name @Own }
            }
            @{ With = 'a default -ApiUrl'; Call = { $PSDefaultParameterValues = @{ '*-Metal*:ApiUrl' = $other.Url }; $row | & $Name @Own } }
        ) {
            $script:confirmation = Confirm-Account 1
            $script:row = [pscustomobject]@{ Token = $second; ApiUrl = $emulator.Url }
            (Get-Failure $Call).FullyQualifiedErrorId | Should -Be "AmbiguousIdentity,EquinixOtp.$type"
            (Get-ApiRequest).account | Should -Be 1
        }

        It 'refuses text' {
            (Get-Failure { '123456' | & $Name @Own }).FullyQualifiedErrorId | Should -Be "InputObjectNotBound,EquinixOtp.$type"
        }

        It 'sends nothing for an empty list' {
            @() | & $Name @Own | Should -BeNullOrEmpty
            Get-ApiRequest | Should -BeNullOrEmpty
        }
    }
}
