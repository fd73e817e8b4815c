<#
.SYNOPSIS
    Runs a Pester file, and writes a line of JSON for each test and for each failure outside of tests.
#>
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Report,
    [switch] $DiscoverOnly
)
$ErrorActionPreference = 'Stop'

function Write-Result($Item, [string[]] $Name, [string] $Result) {
    $errors = @($Item.ErrorRecord | ForEach-Object { $_.DisplayErrorMessage, $_.DisplayStackTrace })
    if ($Result -eq 'Failed' -and -not $errors) {
        $errors = @('Its block failed.')
    }
    ConvertTo-Json -Compress -InputObject @{
        Path         = $Name
        Line         = if ($Item.StartLine) { $Item.StartLine } else { 1 }
        Result       = $Result
        Milliseconds = $Item.Duration.TotalMilliseconds
        Message      = ($errors | Where-Object { $_ }) -join "`n"
    } | Add-Content -LiteralPath $Report
}

function Get-NameOf($Block) {
    if ($Block.Parent -and -not $Block.IsRoot) {
        Get-NameOf $Block.Parent
        $Block.ExpandedName
    }
}

Import-Module $Pester
$run = Invoke-Pester -Configuration @{
    Run    = @{ Path = $Path; PassThru = $true; SkipRun = [bool] $DiscoverOnly }
    # PesterFile shows this output if PowerShell ends early.
    Output = @{ Verbosity = 'Detailed' }
}

$file = Split-Path $Path -Leaf
foreach ($test in $run.Tests) {
    $result = if ($DiscoverOnly) { 'Discovered' } else { $test.Result }
    Write-Result $test (@(Get-NameOf $test.Block) + $test.ExpandedName) -Result $result
}
foreach ($block in $run.FailedBlocks) {
    Write-Result $block (@(Get-NameOf $block) + 'the block itself') -Result Failed
}
foreach ($container in $run.FailedContainers) {
    Write-Result $container @($file, 'the file itself') -Result Failed
}
exit 0
