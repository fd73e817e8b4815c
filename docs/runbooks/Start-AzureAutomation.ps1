#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement, Az.Accounts, Az.KeyVault

<#
.SYNOPSIS
    Confirms the second factor, then replaces the recovery codes in an Azure Key Vault. A runbook for Azure Automation.
.DESCRIPTION
    The Automation account needs two credential assets, whose passwords are the API token and the TOTP secret. It needs a managed
    identity that may set, get and delete secrets of the key vault, and Update-RecoveryCode as a second runbook. The job fails if a
    step fails.
.EXAMPLE
    ./Start-AzureAutomation.ps1 -KeyVault my-vault -SubscriptionId 00000000-0000-0000-0000-000000000000
#>
param(
    # The key vault's name.
    [Parameter(Mandatory)]
    [string] $KeyVault,

    # The id of the key vault's subscription.
    [Parameter(Mandatory)]
    [string] $SubscriptionId,

    # The name of the credential asset with the API token.
    [string] $TokenAsset = 'metal-token',

    # The name of the credential asset with the TOTP secret.
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
