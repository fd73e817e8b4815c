# Stands in for the parts of Az.Accounts, and of Azure Automation itself, that a runbook uses.

function Connect-AzAccount([switch] $Identity) {
    if (-not $Identity) {
        throw 'Nobody is here to log in.'
    }
    'a context'
}

# Azure Automation's own; here only because it must be somewhere.
function Get-AutomationPSCredential([string] $Name) {
    [pscredential]::new('unused', (Get-Secret $Name Assets))
}
