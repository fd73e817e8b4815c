#Requires -Version 7.4
<#
.SYNOPSIS
    Runs a runbook against the emulator, as a scheduler would, and exits with its exit code.
.DESCRIPTION
    Needs the .NET 10 SDK and a checkout of EquinixOtp. The runbook finds METAL_API_URL, METAL_AUTH_TOKEN and
    METAL_TOTP_SECRET in its environment; nothing reaches the real API.
.EXAMPLE
    ./Test-Runbook.ps1 -Path ./Confirm-SecondFactor.ps1
.EXAMPLE
    ./Test-Runbook.ps1 -Path ./Update-RecoveryCode.ps1 -EmulatorOptions '--rate-limit 3' -Vault Recovery
#>
param(
    # The runbook.
    [Parameter(Mandatory)]
    [string] $Path,

    # The checkout of EquinixOtp.
    [string] $Repository = (Join-Path $PSScriptRoot '../..'),

    # More options for the emulator, such as --session-tokens.
    [string] $EmulatorOptions = '',

    # What else is given goes to the runbook.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $ArgumentList = @()
)
$ErrorActionPreference = 'Stop'

$dll = dotnet build (Join-Path $Repository 'src/EquinixOtp.Emulator') -target:Build -getProperty:TargetPath
if ($LASTEXITCODE) {
    throw "The emulator doesn't build: $dll"
}

$names = @{ 'URL' = 'METAL_API_URL'; 'Token' = 'METAL_AUTH_TOKEN'; 'TOTP secret' = 'METAL_TOTP_SECRET' }
$before = @{}
foreach ($name in $names.Values) {
    $before[$name] = [Environment]::GetEnvironmentVariable($name)
}

$emulator = [System.Diagnostics.Process]::Start([System.Diagnostics.ProcessStartInfo]@{
        FileName               = 'dotnet'
        Arguments              = "`"$dll`" --port 0 $EmulatorOptions"
        RedirectStandardOutput = $true
    })
try {
    do {
        $label, $value = $emulator.StandardOutput.ReadLine() -split ': ', 2
        if (-not $label) {
            throw 'The emulator did not start.'
        }
        if ($names[$label]) {
            [Environment]::SetEnvironmentVariable($names[$label], $value)
        }
    } until ($label -eq 'TOTP URI')

    pwsh -NoProfile -NonInteractive -File $Path @ArgumentList
} finally {
    $emulator.Kill()
    $emulator.WaitForExit()
    foreach ($name in $names.Values) {
        [Environment]::SetEnvironmentVariable($name, $before[$name])
    }
}
exit $LASTEXITCODE
