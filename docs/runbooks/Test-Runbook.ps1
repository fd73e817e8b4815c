#Requires -Version 7.4

<#
.SYNOPSIS
    Runs a runbook against the emulator, unattended, and exits with its exit code.
.DESCRIPTION
    Needs the .NET 10 SDK, and a clone of EquinixOtp that contains this file. Builds the module and the emulator of the clone. Runs
    the runbook in a new PowerShell process that has imported the module. METAL_API_URL, METAL_AUTH_TOKEN and METAL_TOTP_SECRET are
    the emulator's. Exits with 1 if the build fails or the emulator does not start.
.EXAMPLE
    ./Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1

    Runs a runbook without arguments.
.EXAMPLE
    ./Test-Runbook.ps1 -Runbook ./Confirm-SecondFactor.ps1 -Fault findEnsureOtp:lost-response:1

    Shows what the runbook does when the response to its confirmation is lost.
.EXAMPLE
    Set-Content ./Mine.ps1 'param([int] $Minimum) exit [int] (@(Get-MetalRecoveryCode).Count -lt $Minimum)'
    ./Test-Runbook.ps1 -Runbook ./Mine.ps1 -Arguments @{ Minimum = 5 } -Fault findRecoveryCodes:outage:1

    Passes an argument to a runbook, which succeeds despite an outage.
#>
[CmdletBinding()]
param(
    # The path of the runbook.
    [Parameter(Mandatory)]
    [string] $Runbook,

    # The runbook's arguments, by parameter name. They are splatted.
    [hashtable] $Arguments = @{},

    # Faults for the emulator's option --fault.
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
        throw "$project does not build: $($built[$project])"
    }
}

$start = [System.Diagnostics.ProcessStartInfo] @{ FileName = 'dotnet'; RedirectStandardOutput = $true }
foreach ($argument in @($built['EquinixOtp.Emulator'], '--port', '0') + $EmulatorArguments + @($Fault | ForEach-Object { '--fault', $_ })) {
    $start.ArgumentList.Add($argument)
}

# Pass the arguments by standard input: other users can read a command line.
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
$executable = Get-Item "$PSHOME/pwsh", "$PSHOME/pwsh.exe" -ErrorAction Ignore | Select-Object -First 1
$program, $first = if ($executable) { $executable } else { 'dotnet', "$PSHOME/pwsh.dll" }

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

    # Keep reading: the emulator would block once the pipe is full.
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
