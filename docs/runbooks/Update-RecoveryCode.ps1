#Requires -Modules EquinixOtp, Microsoft.PowerShell.SecretManagement
<#
.SYNOPSIS
    Replaces the recovery codes, and forgets the old ones only when the new ones are proven to be in the vault.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Update-RecoveryCode.ps1 -Vault Recovery
#>
param(
    # The vault, as Register-SecretVault named it.
    [Parameter(Mandatory)]
    [string] $Vault,

    # The secret's name. While codes are being replaced there is a second one, with -next at its end.
    [string] $Name = 'metal-recovery-codes',

    # The API token; the environment's without it.
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
        throw "The vault $Vault doesn't give $As back as it was stored."
    }
}

# 1. The token works, and the vault takes a secret and gives it back. Better to learn now that one of them doesn't.
$old = Get-CodeText
Save-Text "$Name-next" $(if ($old) { $old } else { 'no codes' })

# 2. The codes are replaced. When that fails, the API may have done it all the same: what it now lists tells.
try {
    $new = (Reset-MetalRecoveryCode -AsPlainText -Confirm:$false @metal | Sort-Object) -join "`n"
} catch [EquinixOtp.MetalApiException] {
    $failure = $_
    $new = Get-CodeText
    if ($new -ceq $old) {
        throw $failure
    }
    Write-Warning "The codes were replaced, though the answer was lost ($($failure.FullyQualifiedErrorId))."
}

# 3. The new codes go beside the old, and both the vault and the API agree on them.
Save-Text "$Name-next" $new
if ((Get-CodeText) -cne $new) {
    throw "The API lists other codes than $Name-next has: somebody else replaced them just now. Run this again."
}

# 4. Only now are the old ones forgotten.
Save-Text $Name $new
Remove-Secret -Name "$Name-next" -Vault $Vault
"Stored $(($new -split "`n").Count) new recovery codes as $Name."
