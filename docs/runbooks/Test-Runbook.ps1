#Requires -Version 7.4

<#
.SYNOPSIS
    Runs a runbook against the emulator, as a scheduler would, and exits with its exit code.
.DESCRIPTION
    Needs the .NET 10 SDK and a clone of EquinixOtp, with this file in it. Builds the module and the emulator of the clone,
    and runs the runbook in a new PowerShell process that has imported the module. The runbook finds METAL_API_URL,
    METAL_AUTH_TOKEN and METAL_TOTP_SECRET in its environment; nothing reaches the real API.
.EXAMPLE
    ./Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1

    Runs a runbook without arguments.
.EXAMPLE
    ./Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1 -Fault findEnsureOtp:lost-response:1

    Shows what the runbook does when the response to its confirmation is lost.
.EXAMPLE
    Set-Content ./Mine.ps1 'param([int] $Minimum) exit [int] (@(Get-MetalRecoveryCode).Count -lt $Minimum)'
    ./Test-Runbook.ps1 -Runbook ./Mine.ps1 -Arguments @{ Minimum = 5 } -Fault findRecoveryCodes:outage:1

    Passes an argument to a runbook, which succeeds in spite of an outage.
#>
[CmdletBinding()]
param(
    # The runbook.
    [Parameter(Mandatory)]
    [string] $Runbook,

    # The arguments of the runbook, by parameter name. It receives them by splatting.
    [hashtable] $Arguments = @{},

    # What goes wrong: faults of the emulator, as its option --fault accepts them.
    [string[]] $Fault = @(),

    # Further options of the emulator, such as --session-tokens.
    [string[]] $EmulatorArguments = @()
)
$ErrorActionPreference = 'Stop'

$clone = (Resolve-Path -LiteralPath "$PSScriptRoot/../..").ProviderPath
$built = @{}
foreach ($project in 'EquinixOtp', 'EquinixOtp.Emulator') {
    $built[$project] = dotnet build "$clone/src/$project" -target:Build -getProperty:TargetPath
    if ($LASTEXITCODE) {
        throw "$project doesn't build: $($built[$project])"
    }
}

$start = [System.Diagnostics.ProcessStartInfo] @{ FileName = 'dotnet'; RedirectStandardOutput = $true }
foreach ($argument in @($built['EquinixOtp.Emulator'], '--port', '0') + $EmulatorArguments + @($Fault | ForEach-Object { '--fault', $_ })) {
    $start.ArgumentList.Add($argument)
}

# The runbook and its arguments come by standard input, because a command line is for everyone to read.
$child = {
    $run = [System.Management.Automation.PSSerializer]::Deserialize(@($input) -join "`n")
    Import-Module -Name $run.Module -ErrorAction Stop
    $arguments = $run.Arguments
    & $run.Runbook @arguments
    exit $LASTEXITCODE
}
$run = [System.Management.Automation.PSSerializer]::Serialize(@{
        Module    = "$clone/EquinixOtp.psd1"
        Runbook   = (Resolve-Path -LiteralPath $Runbook).ProviderPath
        Arguments = $Arguments
    })

# PowerShell as a .NET tool has no executable of its own.
$shell = @(Get-Item "$PSHOME/pwsh", "$PSHOME/pwsh.exe" -ErrorAction Ignore)[0] ?? @('dotnet', "$PSHOME/pwsh.dll")
$program, $first = @($shell)

$variables = @{ 'URL' = 'METAL_API_URL'; 'Token' = 'METAL_AUTH_TOKEN'; 'TOTP secret' = 'METAL_TOTP_SECRET' }
$before = @{}
foreach ($name in $variables.Values) {
    $before[$name] = [Environment]::GetEnvironmentVariable($name)
}
$emulator = [System.Diagnostics.Process]::Start($start)
try {
    do {
        $label, $value = $emulator.StandardOutput.ReadLine() -split ': ', 2
        if (-not $label) {
            throw 'The emulator did not start.'
        }
        if ($variables[$label]) {
            [Environment]::SetEnvironmentVariable($variables[$label], $value)
        }
    } until ($label -eq 'TOTP URI')

    # Read on, or the emulator would wait to write when the pipe is full.
    $null = $emulator.StandardOutput.ReadToEndAsync()
    $run | & $program @first -NoProfile -NonInteractive -Command "$child"
} finally {
    $emulator.Kill()
    $emulator.WaitForExit()
    foreach ($name in $variables.Values) {
        [Environment]::SetEnvironmentVariable($name, $before[$name])
    }
}
exit $LASTEXITCODE
