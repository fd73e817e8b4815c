#Requires -Modules Microsoft.PowerShell.SecretManagement

<#
.SYNOPSIS
    Reads one recovery code from the vault.
.DESCRIPTION
    Emits the code as a SecureString, or with -AsPlainText as a string. Exits with 1 if the vault fails or has no such code.
.EXAMPLE
    ./Read-RecoveryCode.ps1 -Vault Recovery -Index 3 -AsPlainText
#>
param(
    # The vault's name in Register-SecretVault.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name.
    [string] $Name = 'metal-recovery-codes',

    # The number of the code, from 1.
    [ValidateRange(1, 100)]
    [int] $Index = 1,

    # Emit the code as a string.
    [switch] $AsPlainText
)
$ErrorActionPreference = 'Stop'

$codes = @((Get-Secret -Name $Name -Vault $Vault -AsPlainText) -split "`n" | Where-Object { $_ })
if ($Index -gt $codes.Count) {
    throw "$Name contains $($codes.Count) codes: there is no code $Index."
}

$code = $codes[$Index - 1]
if ($AsPlainText) {
    $code
} else {
    [System.Net.NetworkCredential]::new('', $code).SecurePassword
}
