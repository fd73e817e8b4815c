#Requires -Modules Microsoft.PowerShell.SecretManagement
<#
.SYNOPSIS
    Reads one recovery code from the vault, as a SecureString, or as text for the eyes of the person who needs it.
.EXAMPLE
    ./Read-RecoveryCode.ps1 -Vault Recovery -Index 3 -AsPlainText
#>
param(
    # The vault, as Register-SecretVault named it.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name.
    [string] $Name = 'metal-recovery-codes',

    # Which of the codes, from 1.
    [ValidateRange(1, 100)]
    [int] $Index = 1,

    # Emit the code as a string.
    [switch] $AsPlainText
)
$ErrorActionPreference = 'Stop'

$codes = @((Get-Secret -Name $Name -Vault $Vault -AsPlainText) -split "`n")
if ($Index -gt $codes.Count) {
    throw "$Name has $($codes.Count) codes, and none with the number $Index."
}

$code = $codes[$Index - 1]
if ($AsPlainText) {
    $code
} else {
    [System.Net.NetworkCredential]::new('', $code).SecurePassword
}
