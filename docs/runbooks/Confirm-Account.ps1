#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement

<#
.SYNOPSIS
    Confirms the second factor of each account of a table, and reports all results.
.DESCRIPTION
    Continues after an account that fails. Exits with 1 if an account failed, or if the table or the report cannot be used.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Confirm-Account.ps1 -Path accounts.csv -Vault Recovery -Report report.csv
#>
param(
    # A CSV file with the columns Name, TokenSecret and TotpSecret. The last two contain names of secrets in the vault, not secrets.
    [Parameter(Mandatory)]
    [string] $Path,

    # The vault's name in Register-SecretVault.
    [Parameter(Mandatory)]
    [string] $Vault,

    # A CSV file for the report.
    [string] $Report
)
$ErrorActionPreference = 'Stop'

$accounts = @(Import-Csv -LiteralPath $Path)
if (-not $accounts) {
    throw "$Path contains no account."
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

# As text: PowerShell buffers a table to find its column widths, and exit discards the buffer.
$results | Format-Table | Out-String
if ($Report) {
    $results | Export-Csv -LiteralPath $Report -NoTypeInformation
}
exit [int]($results.Confirmed -contains $false)
