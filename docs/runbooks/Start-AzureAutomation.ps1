#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement, Az.Accounts, Az.KeyVault
<#
.SYNOPSIS
    An Azure Automation runbook: confirms the second factor, then replaces the recovery codes in an Azure Key Vault.
.DESCRIPTION
    The Automation account has two credential assets, whose passwords are the API token and the TOTP secret, a managed
    identity that may set, get and delete secrets of the key vault, and Update-RecoveryCode as a second runbook.
#>
param(
    # The key vault.
    [Parameter(Mandatory)]
    [string] $KeyVault,

    # The key vault's subscription.
    [Parameter(Mandatory)]
    [string] $SubscriptionId,

    # The credential asset with the API token.
    [string] $TokenAsset = 'metal-token',

    # The credential asset with the TOTP secret.
    [string] $TotpAsset = 'metal-totp'
)
$ErrorActionPreference = 'Stop'

$token = (Get-AutomationPSCredential -Name $TokenAsset).Password
$secret = (Get-AutomationPSCredential -Name $TotpAsset).Password
$confirmation = Confirm-MetalOtp -Token $token -TotpSecret $secret
if ($confirmation.SessionToken) {
    $token = $confirmation.SessionToken
}

$null = Connect-AzAccount -Identity
Register-SecretVault -Name Recovery -ModuleName Az.KeyVault -VaultParameters @{
    AZKVaultName   = $KeyVault
    SubscriptionId = $SubscriptionId
}
./Update-RecoveryCode.ps1 -Vault Recovery -Token $token
