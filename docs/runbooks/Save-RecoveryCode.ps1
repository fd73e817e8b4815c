#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement
<#
.SYNOPSIS
    Stores the recovery codes that now hold in a vault, as one secret with a code a line, and reads it back.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Save-RecoveryCode.ps1 -Vault Recovery
#>
param(
    # The vault, as Register-SecretVault named it.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name.
    [string] $Name = 'metal-recovery-codes'
)
$ErrorActionPreference = 'Stop'

$codes = @(Get-MetalRecoveryCode -AsPlainText)
if (-not $codes) {
    throw 'The account has no recovery codes to store.'
}

$text = $codes -join "`n"
Set-Secret -Name $Name -Secret $text -Vault $Vault
if ((Get-Secret -Name $Name -Vault $Vault -AsPlainText) -cne $text) {
    throw "The vault $Vault doesn't give $Name back as it was stored."
}
"Stored $($codes.Count) recovery codes as $Name."
