#Requires -Version 7.0
#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement
<#
.SYNOPSIS
    Counts the recovery codes of many accounts at once, and exits with 1 when one has too few or can't be asked.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Measure-RecoveryCode.ps1 -Path accounts.csv -Vault Recovery -Minimum 3
#>
param(
    # A CSV file with the columns Name and TokenSecret: the name of a secret in the vault, never a secret.
    [Parameter(Mandatory)]
    [string] $Path,

    # The vault, as Register-SecretVault named it.
    [Parameter(Mandatory)]
    [string] $Vault,

    # With fewer codes than this, an account needs new ones.
    [int] $Minimum = 3,

    # How many accounts are asked at a time.
    [int] $ThrottleLimit = 4
)
$ErrorActionPreference = 'Stop'

# Vaults are asked here, one secret after the other: not all of them stand being asked from several threads.
$accounts = @(Import-Csv -LiteralPath $Path | ForEach-Object {
        [pscustomobject]@{ Name = $_.Name; Token = Get-Secret -Name $_.TokenSecret -Vault $Vault }
    })
if (-not $accounts) {
    throw "There is no account in $Path."
}

$results = $accounts | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    # Another runspace: it shares the environment, but neither this script's variables nor its preferences.
    $account = $_
    $result = [pscustomobject]@{ Account = $account.Name; Codes = 0; Enough = $false; ErrorId = '' }
    try {
        $result.Codes = @(Get-MetalRecoveryCode -Token $account.Token -ErrorAction Stop).Count
        $result.Enough = $result.Codes -ge $using:Minimum
    } catch {
        $result.ErrorId = $_.FullyQualifiedErrorId -replace ',.*'
    }
    $result
}

# As text: a table of objects still waits for wider ones when exit comes, and is lost.
$results | Sort-Object Account | Format-Table | Out-String
exit [int]($results.Enough -contains $false)
