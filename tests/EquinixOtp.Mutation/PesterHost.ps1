<#
.SYNOPSIS
    Runs Pester tests with a mutant, in a process that lives for many mutants, as TestHost.cs runs xunit tests. A test is an It block.
#>
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Folder
)
$ErrorActionPreference = 'Stop'
$state = [int[]]::new(100000)
[AppDomain]::CurrentDomain.SetData('MUTANTS', $state)
$env:MUTANT_HITS = New-TemporaryFile
Import-Module $Pester

function Invoke-File([string] $File, [hashtable] $Run, [string[]] $Lines = @()) {
    Invoke-Pester -Configuration @{
        Run    = $Run + @{ Path = $File; PassThru = $true }
        Filter = @{ Line = $Lines }
        Output = @{ Verbosity = 'None' }
    }
}

# Each test is a path and a line.
$found = Get-ChildItem $Folder -Filter *.Tests.ps1 | ForEach-Object { (Invoke-File $_.FullName @{ SkipRun = $true }).Tests }
$tests = @($found | ForEach-Object { "$($_.ScriptBlock.File):$($_.StartLine)" } | Select-Object -Unique)
$pipe = [System.IO.Pipes.NamedPipeClientStream]::new('.', $env:MUTATION_PIPE, 'InOut')
$pipe.Connect()
$reader = [System.IO.StreamReader]::new($pipe)
$writer = [System.IO.StreamWriter]::new($pipe)
$writer.AutoFlush = $true
$writer.WriteLine((ConvertTo-Json -Compress -InputObject @($tests | Split-Path -Leaf)))

while ($null -ne ($line = $reader.ReadLine())) {
    $order = ConvertFrom-Json $line
    [Array]::Clear($state)
    $state[0] = $env:MUTANT = $order.Mutant
    $failed = -1
    foreach ($group in $order.Tests | Group-Object { $tests[$_] -replace ':\d+$' }) {
        $run = Invoke-File $group.Name @{ SkipRemainingOnFailure = 'Run' } -Lines $tests[$group.Group]
        if ($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount -gt 0 -or $run.PassedCount -eq 0) {
            # Without a failed test, a block or the file fails.
            $line = ($run.Failed | Where-Object { -not $_.Skipped } | Select-Object -First 1).StartLine
            $failed = if ($line) { $tests.IndexOf("$($group.Name):$line") } else { $group.Group[0] }
            break
        }
    }
    $reached = @(for ($mutant = 1; $mutant -lt $state.Length; $mutant++) { if ($state[$mutant]) { $mutant } })
    $reached += @(Get-Content $env:MUTANT_HITS | ForEach-Object { [int] $_ })
    Clear-Content $env:MUTANT_HITS
    $writer.WriteLine((ConvertTo-Json -Compress -InputObject @{ FailedTest = $failed; Reached = @($reached | Sort-Object -Unique) }))
}
