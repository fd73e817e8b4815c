#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement

<#
.SYNOPSIS
    Replaces the recovery codes, and replaces the stored codes only after the new codes are in the vault.
.DESCRIPTION
    Before the reset, tests that the token works and that the vault stores and returns a secret. Stores the new codes under a second
    name first. Exits with 1 if a step fails: the old secret then still exists.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Update-RecoveryCode.ps1 -Vault Recovery
#>
param(
    # The vault's name in Register-SecretVault.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name. During a reset, the vault also contains a secret with this name and the suffix -next.
    [string] $Name = 'metal-recovery-codes',

    # The API token. The default is the environment's.
    [securestring] $Token
)
$ErrorActionPreference = 'Stop'

$metal = @{}
if ($Token) {
    $metal.Token = $Token
}

function Get-CodeText {
    (Get-MetalRecoveryCode -AsPlainText @metal | Sort-Object) -join "`n"
}

function Save-Text([string] $As, [string] $Text) {
    Set-Secret -Name $As -Secret $Text -Vault $Vault
    if ((Get-Secret -Name $As -Vault $Vault -AsPlainText) -cne $Text) {
        throw "The vault $Vault does not return $As as it was stored."
    }
}

# 1. Test the token and the vault, before anything is replaced.
$old = Get-CodeText
Save-Text "$Name-next" $(if ($old) { $old } else { 'no codes' })

# 2. Replace the codes. A failed reset may have taken effect: the current codes show it.
try {
    $new = (Reset-MetalRecoveryCode -AsPlainText -Confirm:$false @metal | Sort-Object) -join "`n"
} catch [EquinixOtp.MetalApiException] {
    $failure = $_
    Write-Warning "The reset failed: $failure"
    $new = Get-CodeText
    if (-not ($new -split "`n" | Where-Object { $_ -cnotin ($old -split "`n") })) {
        throw $failure
    }
    Write-Warning "The codes were replaced. Only the response was lost ($($failure.FullyQualifiedErrorId))."
}
if (-not $new) {
    throw "The API lists no codes after the reset. $Name still contains the old codes."
}

# 3. Store the new codes beside the old ones, and compare them with the API's.
Save-Text "$Name-next" $new
if ((Get-CodeText) -cne $new) {
    throw "The API lists other codes than $Name-next contains: another process replaced them. Run this script again."
}

# 4. Replace the stored codes.
Save-Text $Name $new
Remove-Secret -Name "$Name-next" -Vault $Vault
"Stored $(($new -split "`n").Count) new recovery codes as $Name."
