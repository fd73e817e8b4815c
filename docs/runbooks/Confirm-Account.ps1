#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement
<#
.SYNOPSIS
    Confirms the second factor of each account of a table, reports them all, and exits with 1 when one failed.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Confirm-Account.ps1 -Path accounts.csv -Vault Recovery -Report report.csv
#>
param(
    # A CSV file with the columns Name, TokenSecret and TotpSecret: the names of secrets in the vault, never secrets.
    [Parameter(Mandatory)]
    [string] $Path,

    # The vault, as Register-SecretVault named it.
    [Parameter(Mandatory)]
    [string] $Vault,

    # A CSV file to write the report to.
    [string] $Report
)
$ErrorActionPreference = 'Stop'

$accounts = @(Import-Csv -LiteralPath $Path)
if (-not $accounts) {
    throw "There is no account in $Path."
}

$results = foreach ($account in $accounts) {
    $result = [pscustomobject]@{ Account = $account.Name; Confirmed = $false; ErrorId = ''; RequestId = '' }
    try {
        $token = Get-Secret -Name $account.TokenSecret -Vault $Vault
        $secret = Get-Secret -Name $account.TotpSecret -Vault $Vault
        $result.RequestId = (Confirm-MetalOtp -Token $token -TotpSecret $secret).RequestId
        $result.Confirmed = $true
    } catch {
        $result.ErrorId = $_.FullyQualifiedErrorId -replace ',.*'
        $result.RequestId = $_.Exception.RequestId
        Write-Warning "$($account.Name): $_"
    }
    $result
}

if ($Report) {
    $results | Export-Csv -LiteralPath $Report -NoTypeInformation
}

# As text: a table of objects still waits for wider ones when exit comes, and is lost.
$results | Format-Table | Out-String
exit [int]($results.Confirmed -contains $false)
