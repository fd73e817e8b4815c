<#
    What the Pester files share: the module under test, emulators of the API as processes, the environment that points
    at one of them, and shells of their own. Dot-source it in BeforeAll.

    EQUINIXOTP_MANIFEST names the manifest to test, such as an unpacked package's; the checkout's own without it.
#>

# As in a new shell: tests ask for another where they mean it.
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

function Wait-Until {
    param([scriptblock] $Condition)

    if (-not [System.Threading.SpinWait]::SpinUntil([Func[bool]] $Condition, $script:DeadlineMs)) {
        throw "Nothing came of it in time: $Condition"
    }
}

function Select-Attempt {
    # Of what -Verbose shows, the lines about requests.
    param([Parameter(ValueFromPipeline)] $Record)

    process {
        if ($Record -is [System.Management.Automation.VerboseRecord] -and $Record.Message -match '^(GET|POST) \S*/metal/v1/\S+: ') {
            $Record
        }
    }
}

function Invoke-Program {
    # Starts a program without a window, its streams in our hands.
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

function Read-EmulatorLine {
    param($Emulator, [string] $Label)

    while ($true) {
        $read = $Emulator.Process.StandardOutput.ReadLineAsync()
        if (-not $read.Wait($script:DeadlineMs)) {
            throw "The emulator gave no '$Label' in time."
        }
        if ($null -eq $read.Result) {
            throw "The emulator ended: $($Emulator.Process.StandardError.ReadToEnd())"
        }
        if ($read.Result.StartsWith("${Label}: ")) {
            return $read.Result.Substring($Label.Length + 2)
        }
    }
}

function Open-Emulator {
    # Starts an emulator on a free port, with what the emulator's command line takes and as many accounts as asked for.
    param([string] $Arguments = '', [int] $Accounts = 1)

    $dll = Get-ChildItem -Path (Join-Path $PSScriptRoot '../../artifacts/bin/EquinixOtp.Emulator/*/EquinixOtp.Emulator.dll') |
        Sort-Object LastWriteTime |
        Select-Object -Last 1
    if (-not $dll) {
        throw 'The emulator is not built: run build.ps1.'
    }

    $given = @(1..$Accounts | ForEach-Object { [guid]::NewGuid().ToString('n') })
    $tokens = @($given | ForEach-Object { "--token $_" }) -join ' '
    $dotnet = (Get-Command dotnet -CommandType Application | Select-Object -First 1).Path
    $emulator = [pscustomobject]@{
        Process    = Invoke-Program $dotnet "`"$($dll.FullName)`" --port 0 $tokens $Arguments"
        Url        = $null
        Token      = $given[0]
        Tokens     = $given
        TotpSecret = $null
    }
    $emulator.Url = Read-EmulatorLine $emulator 'URL'
    foreach ($token in $given) {
        $null = Read-EmulatorLine $emulator 'Token'
        $emulator.TotpSecret = Read-EmulatorLine $emulator 'TOTP secret'
    }
    $emulator
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

function Receive-SmsCode {
    # The code of the next SMS.
    param($Emulator)

    (Read-EmulatorLine $Emulator 'SMS') -replace ' .*'
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
    # Points the environment at an emulator's first account; without one, clears it.
    param($Emulator)

    Restore-MetalEnvironment @{}
    if ($Emulator) {
        $env:METAL_API_URL = $Emulator.Url
        $env:METAL_AUTH_TOKEN = $Emulator.Token
    }
}

function Get-PackagedPwsh {
    # The assembly of a PowerShell from a NuGet package, whose process is dotnet's; nothing in another shell.
    if ((Split-Path (Get-ProcessPath) -Leaf) -match '^dotnet(\.exe)?$') {
        Join-Path $PSHOME pwsh.dll
    }
}

function Get-ProcessPath {
    [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
}

function Start-Shell {
    # Starts a shell of the kind that runs the tests, where nobody answers a prompt.
    param([string] $Arguments)

    $dll = Get-PackagedPwsh | ForEach-Object { "`"$_`"" }
    Invoke-Program (Get-ProcessPath) "$dll -NoProfile -NonInteractive -ExecutionPolicy Bypass $Arguments"
}

function Receive-Program {
    # Waits until a program ends, and returns its exit code and what it wrote.
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
    # Runs a script in a shell of its own, where $Manifest is set.
    param([string] $Script, [switch] $AsCommand)

    $Script = "`$Manifest = '$($script:Manifest -replace "'", "''")'`n$Script"
    if ($AsCommand) {
        $run = "-EncodedCommand $([Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($Script)))"
    } else {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content -LiteralPath $file -Value $Script
        $run = "-File `"$file`""
    }
    Receive-Program (Start-Shell $run)
}

function Invoke-Runspace {
    # Runs a script in a runspace of its own, which costs less than a shell. Returns what a shell would write and exit with.
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
