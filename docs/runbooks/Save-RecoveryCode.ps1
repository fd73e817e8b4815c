#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement

<#
.SYNOPSIS
    Stores the current recovery codes in a vault.
.DESCRIPTION
    Stores all codes as one secret, one code per line, and reads the secret back. Exits with 1 if the API or the vault fails.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Save-RecoveryCode.ps1 -Vault Recovery
#>
param(
    # The vault's name in Register-SecretVault.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name.
    [string] $Name = 'metal-recovery-codes'
)
$ErrorActionPreference = 'Stop'

$codes = @(Get-MetalRecoveryCode -AsPlainText)
if (-not $codes) {
    throw 'The account has no recovery codes.'
}

$text = $codes -join "`n"
Set-Secret -Name $Name -Secret $text -Vault $Vault
if ((Get-Secret -Name $Name -Vault $Vault -AsPlainText) -cne $text) {
    throw "The vault $Vault does not return $Name as it was stored. Run this script again."
}
"Stored $($codes.Count) recovery codes as $Name."
