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
$script:DeadlineMs = 60000

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

function Get-ShellPath {
    # The shell that runs the tests. Of PowerShell as a .NET tool, the process is dotnet's.
    $path = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
    if ((Split-Path $path -Leaf) -notmatch '^dotnet(\.exe)?$') {
        return $path
    }
    (Get-Command pwsh -CommandType Application | Select-Object -First 1).Source
}

function Invoke-Shell {
    # Runs a script in a shell of its own, of the kind that runs the tests, where nobody answers a prompt. $Manifest is
    # set in it. Gives the exit code and what was written.
    param([string] $Script, [switch] $AsCommand)

    $Script = "`$Manifest = '$($script:Manifest -replace "'", "''")'`n$Script"
    if ($AsCommand) {
        $run = "-EncodedCommand $([Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($Script)))"
    } else {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content -LiteralPath $file -Value $Script
        $run = "-File `"$file`""
    }
    $process = Invoke-Program (Get-ShellPath) "-NoProfile -NonInteractive -ExecutionPolicy Bypass $run"
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $problem = $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit($script:DeadlineMs)) {
            $process.Kill()
            throw "The shell did not end in time: $Script"
        }
        [pscustomobject]@{
            ExitCode = $process.ExitCode
            Lines    = @($output.Result -split '\r?\n' | Where-Object { $_ })
            Text     = $output.Result + $problem.Result
        }
    } finally {
        $process.Dispose()
    }
}
