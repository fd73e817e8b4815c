# Stands in for the parts of Az.Accounts, and of Azure Automation itself, that a runbook uses.

function Connect-AzAccount([switch] $Identity) {
    if (-not $Identity) {
        throw 'Nobody is here to log in.'
    }
    'a context'
}

# A command of Azure Automation, which no module contains.
function Get-AutomationPSCredential([string] $Name) {
    [pscredential]::new('unused', (Get-Secret $Name Assets))
}
