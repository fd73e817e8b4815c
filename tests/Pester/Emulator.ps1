<#
    Shared by the Pester files: the module under test, emulators of the API, the environment that selects one of them, and shells.
    Dot-source it in BeforeAll.

    EQUINIXOTP_MANIFEST names the manifest to test, for example that of an unpacked package. Default: the checkout's.
#>

# The default of a new shell.
$ErrorActionPreference = 'Continue'

$script:Manifest = if ($env:EQUINIXOTP_MANIFEST) {
    $env:EQUINIXOTP_MANIFEST
} else {
    Join-Path $PSScriptRoot '../../EquinixOtp.psd1'
}
$script:Manifest = (Resolve-Path -LiteralPath $script:Manifest).ProviderPath
$script:MetalVariables = 'METAL_AUTH_TOKEN', 'METAL_API_TOKEN', 'PACKET_AUTH_TOKEN', 'METAL_API_URL'
$script:DeadlineMs = 120000

function ConvertTo-Secure {
    param([string] $Text)

    [System.Net.NetworkCredential]::new('', $Text).SecurePassword
}

function ConvertFrom-Secure {
    param([securestring] $Secure)

    [System.Net.NetworkCredential]::new('', $Secure).Password
}

function Invoke-Program {
    # Starts a program without a window, with its streams redirected.
    param([string] $Path, [string] $Arguments)

    $start = [System.Diagnostics.ProcessStartInfo]::new($Path, $Arguments)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.EnvironmentVariables['NO_COLOR'] = '1'
    $start.EnvironmentVariables['POWERSHELL_TELEMETRY_OPTOUT'] = '1'
    [System.Diagnostics.Process]::Start($start)
}

function Open-Emulator {
    # Starts an emulator on a free port.
    param([string] $Arguments = '', [int] $Accounts = 1)

    $dll = Get-ChildItem -Path (Join-Path $PSScriptRoot '../../artifacts/bin/EquinixOtp.Emulator/*/EquinixOtp.Emulator.dll') |
        Sort-Object LastWriteTime |
        Select-Object -Last 1
    if (-not $dll) {
        throw 'The emulator is not built: run build.ps1.'
    }

    $tokens = @(1..$Accounts | ForEach-Object { [guid]::NewGuid().ToString('n') })
    $Arguments += ' ' + (@($tokens | ForEach-Object { "--token $_" }) -join ' ')
    $dotnet = (Get-Command dotnet -CommandType Application | Select-Object -First 1).Path
    $process = Invoke-Program $dotnet "`"$($dll.FullName)`" --port 0 $Arguments"
    do {
        $line = $process.StandardOutput.ReadLineAsync()
        if (-not $line.Wait($script:DeadlineMs) -or $null -eq $line.Result) {
            throw "The emulator did not start: $($process.StandardError.ReadToEnd())"
        }
    } until ($line.Result -match '^URL: (.+)$')
    $emulator = [pscustomobject]@{
        Process    = $process
        Url        = $Matches[1]
        Token      = $tokens[0]
        Tokens     = $tokens
        TotpSecret = $null
    }
    $emulator.TotpSecret = (Invoke-EmulatorAdmin accounts/1 $emulator).totpSecret
    $emulator
}

function Invoke-EmulatorAdmin {
    # Sends a request to the admin API of an emulator; by default, that of the file.
    param([string] $Path, $Emulator = $script:emulator, [string] $Method = 'Get', [hashtable] $Body)

    $request = @{
        Uri             = $Emulator.Url -replace '/metal/v1$', "/__admin/$Path"
        Method          = $Method
        UseBasicParsing = $true
    }
    if ($Body) {
        $request.Body = ConvertTo-Json $Body
        $request.ContentType = 'application/json'
    }
    # Windows PowerShell returns a list as one object.
    Invoke-RestMethod @request | ForEach-Object { $_ }
}

function Get-ApiRequest {
    # Lists the requests to the emulated API since the emulator was reset.
    param($Emulator = $script:emulator)

    Invoke-EmulatorAdmin requests $Emulator
}

function Add-EmulatorFault {
    param([hashtable] $Fault, $Emulator = $script:emulator)

    $null = Invoke-EmulatorAdmin faults $Emulator -Method Post -Body $Fault
}

function Get-Sms {
    # Lists the SMS that an account has received.
    param([int] $Account = 1)

    (Invoke-EmulatorAdmin "accounts/$Account").sms
}

function Close-Emulator {
    param([Parameter(ValueFromPipeline)] $Emulator)

    process {
        if ($Emulator) {
            $Emulator.Process.Kill()
            $Emulator.Process.WaitForExit()
            $Emulator.Process.Dispose()
        }
    }
}

function Save-MetalEnvironment {
    $saved = @{}
    foreach ($name in $script:MetalVariables) {
        $saved[$name] = [Environment]::GetEnvironmentVariable($name)
    }
    $saved
}

function Restore-MetalEnvironment {
    param([hashtable] $Saved)

    foreach ($name in $script:MetalVariables) {
        [Environment]::SetEnvironmentVariable($name, $Saved[$name])
    }
}

function Use-Emulator {
    # Selects an emulator and its first account in the environment. Without an emulator, clears the environment.
    param($Emulator)

    Restore-MetalEnvironment @{}
    if ($Emulator) {
        $env:METAL_API_URL = $Emulator.Url
        $env:METAL_AUTH_TOKEN = $Emulator.Token
    }
}

function Restore-Emulator {
    # Selects an emulator, and returns it to its state at the start.
    param($Emulator)

    Invoke-EmulatorAdmin reset $Emulator -Method Post
    Use-Emulator $Emulator
}

function Get-PackagedPwsh {
    # Returns the path of pwsh.dll in a PowerShell from a NuGet package, which is a dotnet process; nothing in another shell.
    if ((Split-Path (Get-ProcessPath) -Leaf) -match '^dotnet(\.exe)?$') {
        Join-Path $PSHOME pwsh.dll
    }
}

function Get-ProcessPath {
    [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
}

function Open-Shell {
    # Starts another process of the shell that runs the tests. It cannot prompt.
    param([string] $Arguments)

    $dll = Get-PackagedPwsh | ForEach-Object { "`"$_`"" }
    Invoke-Program (Get-ProcessPath) "$dll -NoProfile -NonInteractive -ExecutionPolicy Bypass $Arguments"
}

function Receive-Program {
    # Waits until a program ends, and returns its exit code and its output.
    param([System.Diagnostics.Process] $Process)

    try {
        $Process.StandardInput.Close()
        $output = $Process.StandardOutput.ReadToEndAsync()
        $problem = $Process.StandardError.ReadToEndAsync()
        if (-not $Process.WaitForExit($script:DeadlineMs)) {
            $Process.Kill()
            throw "The program did not end in time: $($Process.StartInfo.Arguments)"
        }
        [pscustomobject]@{
            ExitCode = $Process.ExitCode
            Output   = $output.Result
            Lines    = @($output.Result -split '\r?\n' | Where-Object { $_ })
            Text     = $output.Result + $problem.Result
        }
    } finally {
        $Process.Dispose()
    }
}

function Invoke-Shell {
    # Runs a script in a new shell, in which $Manifest is set.
    param([string] $Script, [switch] $AsCommand)

    $Script = "`$Manifest = '$($script:Manifest -replace "'", "''")'`n$Script"
    if ($AsCommand) {
        $run = "-EncodedCommand $([Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($Script)))"
    } else {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content -LiteralPath $file -Value $Script
        $run = "-File `"$file`""
    }
    Receive-Program (Open-Shell $run)
}

function Invoke-Runspace {
    # Runs a script in a new runspace, which is faster than a shell. Returns the output and exit code that a shell would have.
    param([string] $Script)

    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript({
                param($Script)

                $global:LASTEXITCODE = 0
                $records = [System.Collections.ArrayList]::new()
                $exitCode = 1
                try {
                    . ([scriptblock]::Create($Script)) *>&1 | ForEach-Object { $null = $records.Add($_) }
                    $exitCode = $LASTEXITCODE
                } catch {
                    $null = $records.Add($_)
                }
                $output = @($records | Where-Object { $_.GetType().Name -notlike '*Record' })
                [pscustomobject]@{
                    ExitCode = $exitCode
                    Output   = $output | Out-String -Width 200
                    Text     = $records | Out-String -Width 200
                }
            }).AddArgument($Script)
        $shell.Invoke()
    } finally {
        $shell.Dispose()
    }
}
