<#
.SYNOPSIS
    Runs the Pester suite in this shell, with the module of the checkout or of another manifest.
.DESCRIPTION
    The module and the emulator must be built. Use a new shell each time, since a loaded assembly stays loaded. The last line gives the totals; the exit code is 0 only if tests ran and none failed.
.PARAMETER Manifest
    The manifest of the module to test, such as an unpacked package's.
.EXAMPLE
    pwsh -NoProfile -File tests/Pester/Run.ps1 -Manifest ./package/EquinixOtp.psd1
#>
[CmdletBinding()]
param(
    [string] $Manifest = $env:EQUINIXOTP_MANIFEST
)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.7 -ErrorAction Stop

$previous = $env:EQUINIXOTP_MANIFEST
$env:EQUINIXOTP_MANIFEST = if ($Manifest) { (Resolve-Path -LiteralPath $Manifest).ProviderPath }
try {
    $result = Invoke-Pester -Configuration @{
        Run    = @{ Path = $PSScriptRoot; PassThru = $true }
        Output = @{ Verbosity = 'Normal' }
    }
} finally {
    $env:EQUINIXOTP_MANIFEST = $previous
}

if (-not $result) {
    throw 'Pester gave no result.'
}

# A block or a file can fail outside of its tests. A run without a passed test is a failure, too.
$failedElsewhere = $result.FailedBlocksCount + $result.FailedContainersCount
if ($failedElsewhere) {
    "Failed outside of tests: $($result.FailedBlocksCount) blocks, $($result.FailedContainersCount) files"
}
"$($result.PassedCount) passed, $($result.FailedCount) failed, $($result.SkippedCount) skipped"
exit [int] ($result.PassedCount -eq 0 -or $result.FailedCount -gt 0 -or $failedElsewhere -gt 0)
