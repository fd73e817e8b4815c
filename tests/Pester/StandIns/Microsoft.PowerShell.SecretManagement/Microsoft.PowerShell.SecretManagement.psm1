# Stands in for SecretManagement: a vault is a folder of STANDIN_VAULTS, a secret is a file. STANDIN_FAULT makes the vault refuse or
# lose each write after STANDIN_GOOD_WRITES.

$script:writes = 0
function Get-File($Vault, $Name) {
    Join-Path (Join-Path $env:STANDIN_VAULTS $Vault) $Name
}

function Set-Secret {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory)] [object] $Secret,
        [Parameter(Position = 1)] [string] $Vault
    )
    $script:writes++
    if ($env:STANDIN_FAULT -and $script:writes -gt $env:STANDIN_GOOD_WRITES) {
        if ($env:STANDIN_FAULT -eq 'refuses') {
            throw 'The vault is locked.'
        }
        return
    }
    if ($PSCmdlet.ShouldProcess($Name)) {
        $null = New-Item -ItemType Directory -Force -Path (Split-Path (Get-File $Vault $Name))
        [System.IO.File]::WriteAllText((Get-File $Vault $Name), $Secret)
    }
}

function Get-Secret {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Position = 1)] [string] $Vault,
        [switch] $AsPlainText
    )
    if (-not (Test-Path -LiteralPath (Get-File $Vault $Name))) {
        throw "The secret $Name was not found."
    }
    $text = [System.IO.File]::ReadAllText((Get-File $Vault $Name))
    if ($AsPlainText) { $text } else { [System.Net.NetworkCredential]::new('', $text).SecurePassword }
}

function Remove-Secret {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [string] $Vault
    )
    if ($PSCmdlet.ShouldProcess($Name)) {
        Remove-Item -LiteralPath (Get-File $Vault $Name)
    }
}

function Register-SecretVault {
    param([string] $Name, [string] $ModuleName, [hashtable] $VaultParameters)
    "registered $Name $ModuleName $($VaultParameters.AZKVaultName) $($VaultParameters.SubscriptionId)"
}
Export-ModuleMember -Function *-Secret*
