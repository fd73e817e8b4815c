#Requires -Version 7.0
#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement

<#
.SYNOPSIS
    Counts the recovery codes of many accounts in parallel.
.DESCRIPTION
    Exits with 1 if an account has too few codes or its request fails, or if the table cannot be used.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Measure-RecoveryCode.ps1 -Path accounts.csv -Vault Recovery -Minimum 3
#>
param(
    # A CSV file with the columns Name and TokenSecret. TokenSecret is the name of a secret in the vault, not the secret.
    [Parameter(Mandatory)]
    [string] $Path,

    # The vault's name in Register-SecretVault.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The smallest number of codes that is enough.
    [int] $Minimum = 3,

    # The number of parallel requests.
    [int] $ThrottleLimit = 4
)
$ErrorActionPreference = 'Stop'

# Read the vault sequentially: some vaults fail if several threads read them. An account without a token fails below.
$accounts = @(foreach ($row in Import-Csv -LiteralPath $Path) {
        $token = try { Get-Secret -Name $row.TokenSecret -Vault $Vault } catch { Write-Warning "$($row.Name): $_" }
        [pscustomobject]@{ Name = $row.Name; Token = $token }
    })
if (-not $accounts) {
    throw "$Path contains no account."
}

$results = $accounts | ForEach-Object -ThrottleLimit $ThrottleLimit -Parallel {
    # Another runspace: it shares the environment, but not this script's variables and preferences.
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

# As text: PowerShell buffers a table to find its column widths, and exit discards the buffer.
$results | Sort-Object Account | Format-Table | Out-String
exit [int]($results.Enough -contains $false)
