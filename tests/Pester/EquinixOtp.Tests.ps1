BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:environment = Save-MetalEnvironment
    $script:emulator = Open-Emulator -Accounts 4
    $script:slow = Open-Emulator '--latency 60000'
}

AfterAll {
    $emulator, $slow | Close-Emulator
    Restore-MetalEnvironment $environment
}

Describe 'EquinixOtp' {
    BeforeEach {
        Use-Emulator $emulator
    }

    Context 'the manifest' {
        It 'is valid' {
            $module = Test-ModuleManifest -Path $Manifest -ErrorAction Stop -WarningVariable warnings
            $module.Name | Should -Be 'EquinixOtp'
            $warnings | Should -BeNullOrEmpty
        }

        It 'has the version of the assembly' {
            $module = Get-Module EquinixOtp
            $assembly = [EquinixOtp.MetalApiException].Assembly.GetName().Version
            "$($assembly.Major).$($assembly.Minor).$($assembly.Build)" | Should -Be "$($module.Version)"
        }

        It 'exports four cmdlets and nothing else' {
            $module = Get-Module EquinixOtp
            $module.ExportedCommands.Keys | Sort-Object | Should -Be @(
                'Confirm-MetalOtp', 'Get-MetalRecoveryCode', 'Reset-MetalRecoveryCode', 'Send-MetalOtpSms'
            )
            $module.ExportedCommands.Values.CommandType | Select-Object -Unique | Should -Be Cmdlet
            $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
        }
    }

    Context 'importing' {
        It 'says nothing' {
            $shell = Invoke-Shell 'Import-Module $Manifest'
            $shell.Text | Should -BeNullOrEmpty
            $shell.ExitCode | Should -Be 0
        }

        It 'works again with -Force' {
            { Import-Module $Manifest -Force } | Should -Not -Throw
            Get-MetalRecoveryCode | Should -HaveCount 10
        }

        It 'works again after removal' {
            Remove-Module EquinixOtp
            Get-Command Get-MetalRecoveryCode -ErrorAction Ignore | Should -BeNullOrEmpty
            Import-Module $Manifest
            Get-MetalRecoveryCode | Out-String | Should -Match '\*'
        }

        It 'works from any folder by a relative path' {
            $shell = Invoke-Shell @'
                Set-Location (Split-Path (Split-Path $Manifest))
                Import-Module "./$(Split-Path (Split-Path $Manifest) -Leaf)/EquinixOtp.psd1"
                (Get-MetalRecoveryCode).Count
'@
            $shell.Lines | Should -Be 10
        }

        # .NET Framework has one load context, so there the next two can't hold.
        It 'keeps its dependencies to itself' -Skip:($PSVersionTable.PSEdition -eq 'Desktop') {
            $shell = Invoke-Shell @'
                Import-Module $Manifest
                $secret = [System.Net.NetworkCredential]::new('', 'GEZDGNBVGY3TQOJQ').SecurePassword
                $null = Confirm-MetalOtp -TotpSecret $secret -Quiet
                # Nothing listens here, so the call is tried again.
                Get-MetalRecoveryCode -ApiUrl http://127.0.0.1:1 -MaximumRetryCount 1 -RetryIntervalSec 0 -ErrorAction Ignore
                $own = 'EquinixOtp.Client', 'Flurl', 'Flurl.Http', 'Polly.Core', 'Otp.NET'
                $everywhere = [AppDomain]::CurrentDomain.GetAssemblies().ForEach({ $_.GetName().Name })
                $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach({ $_.GetName().Name })
                $own.Where({ $_ -notin $everywhere }).ForEach({ "not loaded: $_" })
                $own.Where({ $_ -in $default }).ForEach({ "shared: $_" })
                'done'
'@
            $shell.Lines | Should -Be 'done'
        }

        It 'works where other versions of its dependencies came first' -Skip:($PSVersionTable.PSEdition -eq 'Desktop') {
            $shell = Invoke-Shell @'
                $names = 'Flurl', 'Flurl.Http', 'Polly.Core', 'Otp.NET'
                $folder = New-Item -ItemType Directory -Path (Join-Path $PSScriptRoot foreign)
                # Add-Type makes up the name of an assembly, so all that it does here is bring the compiler.
                Add-Type -TypeDefinition 'class Nothing { }'
                $core = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
                $options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary')
                foreach ($name in $names) {
                    $tree = [Microsoft.CodeAnalysis.CSharp.SyntaxFactory]::ParseSyntaxTree(
                        "[assembly: System.Reflection.AssemblyVersion(`"9.9.9.0`")] public class Foreign$($name -replace '\.') { }")
                    $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
                        $name, [Microsoft.CodeAnalysis.SyntaxTree[]] $tree, [Microsoft.CodeAnalysis.MetadataReference[]] $core, $options)
                    $file = [System.IO.File]::Create("$folder/$name.dll")
                    $compilation.Emit($file).Diagnostics
                    $file.Close()
                    Add-Type -Path "$folder/$name.dll"
                }
                Import-Module $Manifest
                (Get-MetalRecoveryCode).Count
                $secret = [System.Net.NetworkCredential]::new('', 'GEZDGNBVGY3TQOJQ').SecurePassword
                Confirm-MetalOtp -TotpSecret $secret -Quiet
                Get-MetalRecoveryCode -ApiUrl http://127.0.0.1:1 -MaximumRetryCount 1 -RetryIntervalSec 0 -ErrorAction Ignore
                foreach ($name in $names) {
                    [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq $name }).Count
                }
                [ForeignFlurl].Assembly.GetName().Version.ToString()
'@
            $shell.Lines | Should -Be '10', 'False', '2', '2', '2', '2', '9.9.9.0'
        }
    }

    Context 'side by side' {
        # -Parallel is PowerShell 7's.
        It 'serves an account each in ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
            $codes = 1..5 | ForEach-Object { $emulator.Tokens } | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:Manifest
                $token = [System.Net.NetworkCredential]::new('', $_).SecurePassword
                [pscustomobject]@{ Token = $_; Codes = (Get-MetalRecoveryCode -Token $token -AsPlainText) -join ' ' }
            }
            $codes | Should -HaveCount 20
            foreach ($token in $emulator.Tokens) {
                $expected = (Get-MetalRecoveryCode -Token (ConvertTo-Secure $token) -AsPlainText) -join ' '
                ($codes | Where-Object Token -EQ $token).Codes | Select-Object -Unique | Should -Be $expected
            }
        }

        It 'works in a job, whose codes come back as SecureStrings' {
            $job = Start-Job {
                Import-Module $using:Manifest
                Get-MetalRecoveryCode
            }
            $codes = $job | Receive-Job -Wait -AutoRemoveJob
            $codes.Code | ForEach-Object { ConvertFrom-Secure $_ } | Should -Be (Get-MetalRecoveryCode -AsPlainText)
        }
    }

    Context 'a call that takes its time' {
        BeforeEach {
            Use-Emulator $slow
            $script:shell = [powershell]::Create().AddScript('param($Manifest) Import-Module $Manifest').AddArgument($Manifest)
            $null = $shell.Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand('Get-MetalRecoveryCode')
        }

        AfterEach {
            $shell.Dispose()
        }

        It 'shows progress, and stops at once without an error' {
            $null = $shell.BeginInvoke()
            Wait-Until { $shell.Streams.Progress.Count -gt 0 }
            $progress = $shell.Streams.Progress[0]
            $progress.Activity | Should -Be 'Get-MetalRecoveryCode'
            $progress.StatusDescription | Should -Not -BeNullOrEmpty

            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 10
            $shell.InvocationStateInfo.State | Should -Be Stopped
            $shell.Streams.Error | Should -BeNullOrEmpty
        }
    }

    Context 'a script in a shell' {
        It 'ends with exit code <Code>: <Name>' -ForEach @(
            @{ Name = 'all went well'; Code = 0; Script = 'Get-MetalRecoveryCode' }
            @{ Name = 'an error that ends nothing, in a file'; Code = 0; Script = 'Confirm-MetalOtp not-a-code' }
            @{ Name = 'an error that ends nothing, as the command'; Code = 1; AsCommand = $true; Script = 'Confirm-MetalOtp not-a-code' }
            @{ Name = 'with -ErrorAction Stop'; Code = 1; Script = 'Confirm-MetalOtp not-a-code -ErrorAction Stop; exit 0' }
            @{ Name = 'with $ErrorActionPreference Stop'; Code = 1; Script = '$ErrorActionPreference = "Stop"; Confirm-MetalOtp ..; exit 0' }
            @{ Name = 'its own, from $?'; Code = 3; Script = 'Confirm-MetalOtp not-a-code; if (-not $?) { exit 3 }' }
            @{ Name = 'its own, from -Quiet'; Code = 4; Script = 'if (-not (Confirm-MetalOtp not-a-code -Quiet)) { exit 4 }' }
            @{
                Name   = 'its own, from the error''s id'
                Code   = 5
                Script = 'try { Confirm-MetalOtp .. -ErrorAction Stop } catch { if ($_.FullyQualifiedErrorId -like "InvalidOtp,*") { exit 5 } }'
            }
        ) {
            (Invoke-Shell "Import-Module `$Manifest; $Script" -AsCommand:($AsCommand -eq $true)).ExitCode | Should -Be $Code
        }

        It 'fails rather than hangs when the OTP is missing' {
            $shell = Invoke-Shell 'Import-Module $Manifest; try { Confirm-MetalOtp } catch { $_.FullyQualifiedErrorId }'
            $shell.Lines | Should -Be 'MissingMandatoryParameter,EquinixOtp.ConfirmMetalOtpCommand'
        }

        It 'leaves no secret in a transcript' {
            $old = Get-MetalRecoveryCode -AsPlainText
            $env:TEST_TOTP_SECRET = $emulator.TotpSecret
            $env:TEST_OTP = 'canary-otp'
            try {
                $shell = Invoke-Shell @'
                    $null = Start-Transcript -Path (Join-Path $PSScriptRoot transcript.txt)
                    Import-Module $Manifest
                    $VerbosePreference = $DebugPreference = 'Continue'
                    $secret = [System.Net.NetworkCredential]::new('', $env:TEST_TOTP_SECRET).SecurePassword
                    Send-MetalOtpSms
                    Confirm-MetalOtp -TotpSecret $secret
                    Confirm-MetalOtp $env:TEST_OTP
                    Get-MetalRecoveryCode
                    Reset-MetalRecoveryCode -Confirm:$false
                    $env:METAL_AUTH_TOKEN = $env:TEST_OTP
                    Get-MetalRecoveryCode
                    $Error | Format-List * -Force
                    $null = Stop-Transcript
'@
            } finally {
                $env:TEST_TOTP_SECRET = $null
                $env:TEST_OTP = $null
            }
            $transcript = Get-Content -Raw (Join-Path $TestDrive transcript.txt)
            $secrets = $old + (Get-MetalRecoveryCode -AsPlainText) + (Receive-SmsCode $emulator)
            $secrets += $emulator.Token, $emulator.TotpSecret, 'canary-otp'

            foreach ($text in $transcript, $shell.Text) {
                $text | Should -Match 'ConfirmedAt'
                $text | Should -Match 'OtpRejected'
                $text | Should -Match 'Unauthorized'
                $text | Should -Not -Match ($secrets -join '|')
            }
        }
    }
}

Describe '<Name>, as all four' -ForEach @(
    @{ Name = 'Confirm-MetalOtp'; Type = 'ConfirmMetalOtpCommand'; Own = @{ Otp = 'not-a-code'; Quiet = $true } }
    @{ Name = 'Get-MetalRecoveryCode'; Type = 'GetMetalRecoveryCodeCommand'; Own = @{ } }
    @{ Name = 'Send-MetalOtpSms'; Type = 'SendMetalOtpSmsCommand'; Own = @{ } }
    @{ Name = 'Reset-MetalRecoveryCode'; Type = 'ResetMetalRecoveryCodeCommand'; Own = @{ Confirm = $false } }
) {
    BeforeAll {
        # The error record of a call with these parameters; nothing when the call succeeds.
        function Get-Failure {
            param([hashtable] $With = @{})

            try {
                $null = & $Name @Own @With -ErrorAction Stop
            } catch {
                $_
            }
        }

        function Get-AttemptCount {
            param([hashtable] $With)

            @(& $Name @Own @With -Verbose -ErrorAction SilentlyContinue 4>&1 | Select-Attempt).Count
        }

        # An address that refuses connections for as long as we hold it.
        $script:silent = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
        $silent.Bind([System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, 0))
        $script:silentUrl = "http://localhost:$($silent.LocalEndPoint.Port)/metal/v1"
    }

    BeforeEach {
        Use-Emulator $emulator
    }

    AfterAll {
        $silent.Dispose()
    }

    Context 'its face' {
        It 'has help, by -? too' {
            $help = Get-Help $Name
            $help.Name | Should -Be $Name
            $help | Out-String | Should -Match "$Name .*-Token <securestring>"
            & $Name -? | Out-String | Should -Match $Name
        }

        It 'has a help message for each parameter that it would ask for' {
            $sets = (Get-Command $Name).ParameterSets
            $sets.Parameters | Where-Object IsMandatory | Where-Object { -not $_.HelpMessage } | Should -BeNullOrEmpty
        }

        It 'completes the parameters that all share' {
            $line = "$Name -"
            $offered = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText
            foreach ($parameter in 'Token', 'ApiUrl', 'TimeoutSec', 'MaximumRetryCount', 'RetryIntervalSec', 'Proxy', 'ProxyCredential', 'NoProxy') {
                $offered | Should -Contain "-$parameter"
            }
        }

        It 'takes nothing but an OTP by position' {
            $positional = (Get-Command $Name).ParameterSets.Parameters | Where-Object Position -GE 0
            $positional.Name | Should -Be $(if ($Name -eq 'Confirm-MetalOtp') { 'Otp' })
        }

        It 'declares what it emits' {
            $expected = switch -Wildcard ($Name) {
                'Confirm-*' { 'EquinixOtp.OtpConfirmation', 'System.Boolean' }
                'Send-*' { 'System.Void' }
                default { 'EquinixOtp.RecoveryCode', 'System.String' }
            }
            (Get-Command $Name).OutputType.Name | Should -Be $expected
        }

        It 'asks before effects only' {
            $asks = (Get-Command $Name).Parameters.ContainsKey('WhatIf')
            $asks | Should -Be ($Name -notmatch '^Get-')
        }
    }

    Context 'the token' {
        It 'comes from <Variable> before <Others>' -ForEach @(
            @{ Variable = 'METAL_AUTH_TOKEN'; Others = 'METAL_API_TOKEN', 'PACKET_AUTH_TOKEN' }
            @{ Variable = 'METAL_API_TOKEN'; Others = 'PACKET_AUTH_TOKEN' }
            @{ Variable = 'PACKET_AUTH_TOKEN'; Others = @() }
        ) {
            $env:METAL_AUTH_TOKEN = $null
            [Environment]::SetEnvironmentVariable($Variable, $emulator.Token)
            $Others | ForEach-Object { [Environment]::SetEnvironmentVariable($_, 'wrong') }
            Get-Failure | Should -BeNullOrEmpty
        }

        It 'comes from -Token before the environment' {
            $env:METAL_AUTH_TOKEN = 'wrong'
            Get-Failure @{ Token = ConvertTo-Secure $emulator.Token } | Should -BeNullOrEmpty

            Use-Emulator $emulator
            (Get-Failure @{ Token = ConvertTo-Secure 'wrong' }).FullyQualifiedErrorId | Should -Be "Unauthorized,EquinixOtp.$Type"
        }

        It 'comes from -SessionToken too' {
            $env:METAL_AUTH_TOKEN = $null
            Get-Failure @{ SessionToken = ConvertTo-Secure $emulator.Token } | Should -BeNullOrEmpty
        }

        It 'is missed when there is none, and the public API is what it is for' {
            Use-Emulator
            $failure = Get-Failure
            $failure.FullyQualifiedErrorId | Should -Be "TokenNotFound,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be AuthenticationError
            $failure.Exception | Should -BeOfType EquinixOtp.MetalApiException
            $failure.ErrorDetails.RecommendedAction | Should -Match 'METAL_AUTH_TOKEN'
            "$($failure.TargetObject)" | Should -Be 'https://api.equinix.com/metal/v1'
        }

        It 'is refused when <Case>' -ForEach @(
            @{ Case = 'null'; Token = $null }
            @{ Case = 'empty'; Token = '' }
            @{ Case = 'with a line end'; Token = "canary-token`nX-Other: canary-token" }
            @{ Case = 'not ASCII'; Token = "canary-token$([char] 0xE9)" }
        ) {
            $secure = if ($null -ne $Token) { ConvertTo-Secure $Token }
            $failure = Get-Failure @{ Token = $secure }
            $failure.FullyQualifiedErrorId | Should -Be "InvalidToken,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be InvalidArgument
            $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
        }

        It 'is refused in plain text, and not quoted' {
            $plain = 'canary-token'
            $failure = Get-Failure @{ Token = $plain }
            $failure.FullyQualifiedErrorId | Should -Be "ParameterArgumentTransformationError,EquinixOtp.$Type"
            $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
        }

        It 'is an error that can be told when the API does not accept it' {
            $failure = Get-Failure @{ Token = ConvertTo-Secure 'canary-token' }
            $failure.FullyQualifiedErrorId | Should -Be "Unauthorized,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be AuthenticationError
            $failure.Exception | Should -BeOfType EquinixOtp.MetalApiException
            [int] $failure.Exception.StatusCode | Should -Be 401
            $failure.Exception.Errors | Should -Be 'Invalid authentication token'
            "$($failure.TargetObject)" | Should -Be $emulator.Url
            $failure | Format-List * -Force | Out-String | Should -Not -Match 'canary'
        }
    }

    Context 'the URL' {
        It 'comes from -ApiUrl before the environment' {
            $env:METAL_API_URL = $silentUrl
            Get-Failure @{ ApiUrl = $emulator.Url } | Should -BeNullOrEmpty
        }

        It 'may be written <Case>' -ForEach @(
            @{ Case = 'with a slash at its end'; Edit = { "$_/" } }
            @{ Case = 'by the name of this machine'; Edit = { $_ -replace '127\.0\.0\.1', 'localhost' } }
            @{ Case = 'as a Uri'; Edit = { [uri] $_ } }
        ) {
            Get-Failure @{ ApiUrl = ($emulator.Url | ForEach-Object $Edit) } | Should -BeNullOrEmpty
        }

        It 'is <Id> when it is <Url>' -ForEach @(
            @{ Url = $null; Id = 'InvalidApiUrl' }
            @{ Url = ''; Id = 'InvalidApiUrl' }
            @{ Url = 'metal/v1'; Id = 'InvalidApiUrl' }
            @{ Url = 'http://[bad'; Id = 'InvalidApiUrl' }
            @{ Url = 'ftp://127.0.0.1/metal/v1'; Id = 'InvalidApiUrl' }
            @{ Url = 'https://user@127.0.0.1/metal/v1'; Id = 'InvalidApiUrl' }
            @{ Url = 'https://127.0.0.1/metal/v1?a=b'; Id = 'InvalidApiUrl' }
            @{ Url = 'https://127.0.0.1/metal/v1#a'; Id = 'InvalidApiUrl' }
            @{ Url = 'http://metal.invalid/metal/v1'; Id = 'InsecureApiUrl' }
        ) {
            $failure = Get-Failure @{ ApiUrl = $Url }
            $failure.FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be $(if ($Id -eq 'InsecureApiUrl') { 'SecurityError' } else { 'InvalidArgument' })

            if ($Url) {
                $env:METAL_API_URL = $Url
                (Get-Failure).FullyQualifiedErrorId | Should -Be "$Id,EquinixOtp.$Type"
            }
        }

        It 'is not found where there is no API' {
            $failure = Get-Failure @{ ApiUrl = $emulator.Url -replace '/metal/v1', '/iron/v1' }
            $failure.FullyQualifiedErrorId | Should -Be "NotFound,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be ObjectNotFound
        }
    }

    Context 'time and trouble' {
        It 'tries a connection that never opened again, as often as told' {
            $env:METAL_API_URL = $silentUrl
            (Get-Failure @{ MaximumRetryCount = 0 }).FullyQualifiedErrorId | Should -Be "ConnectionFailed,EquinixOtp.$Type"
            Get-AttemptCount @{ MaximumRetryCount = 0 } | Should -Be 1
            Get-AttemptCount @{ MaximumRetryCount = 2; RetryIntervalSec = 0 } | Should -Be 3
        }

        It 'gives up when an answer takes longer than told' {
            Use-Emulator $slow
            $failure = Get-Failure @{ TimeoutSec = 1; MaximumRetryCount = 0 }
            $failure.FullyQualifiedErrorId | Should -Be "Timeout,EquinixOtp.$Type"
            $failure.CategoryInfo.Category | Should -Be OperationTimeout
        }

        It 'says how long to wait when the API asks for fewer calls' {
            $strict = Open-Emulator '--rate-limit 1'
            try {
                Use-Emulator $strict
                # Three calls touch two windows of a minute at most, so one of them is too many.
                $failure = 1..3 | ForEach-Object { Get-Failure @{ MaximumRetryCount = 0 } } | Select-Object -First 1
                $failure.FullyQualifiedErrorId | Should -Be "RateLimited,EquinixOtp.$Type"
                $failure.CategoryInfo.Category | Should -Be LimitsExceeded
                $failure.Exception.RetryAfter | Should -BeGreaterThan ([timespan]::Zero)
            } finally {
                Close-Emulator $strict
            }
        }

        It 'refuses <Parameter> <Value>' -ForEach @(
            @{ Parameter = 'TimeoutSec'; Value = 0 }
            @{ Parameter = 'MaximumRetryCount'; Value = -1 }
            @{ Parameter = 'RetryIntervalSec'; Value = -1 }
        ) {
            (Get-Failure @{ $Parameter = $Value }).FullyQualifiedErrorId |
                Should -Be "ParameterArgumentValidationError,EquinixOtp.$Type"
        }
    }

    Context 'the proxy' {
        It 'carries the call' {
            # Nothing listens at the URL, but the emulator answers for it when the request comes its way.
            $proxy = ([uri] $emulator.Url).GetLeftPart('Authority')
            Get-Failure @{ ApiUrl = $silentUrl; Proxy = $proxy } | Should -BeNullOrEmpty
        }

        It 'is not needed with -NoProxy' {
            Get-Failure @{ NoProxy = $true } | Should -BeNullOrEmpty
        }

        It 'is refused when <Case>' -ForEach @(
            @{ Case = 'it is no http(s) URL'; With = @{ Proxy = 'ftp://127.0.0.1' } }
            @{ Case = '-NoProxy says otherwise'; With = @{ Proxy = 'http://127.0.0.1:3128'; NoProxy = $true } }
            @{ Case = 'there is a credential for none'; With = @{ ProxyCredential = [pscredential]::new('joe', [securestring]::new()) } }
        ) {
            (Get-Failure $With).FullyQualifiedErrorId | Should -Be "InvalidProxy,EquinixOtp.$Type"
        }
    }
}
