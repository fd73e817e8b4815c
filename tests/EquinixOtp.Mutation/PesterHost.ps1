<#
.SYNOPSIS
    Runs Pester files with a mutant, in a process that lives for many mutants, as TestHost.cs runs xunit tests. A test is a file.
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
$files = @(Get-ChildItem $Folder -Filter *.Tests.ps1)

$pipe = [System.IO.Pipes.NamedPipeClientStream]::new('.', $env:MUTATION_PIPE, 'InOut')
$pipe.Connect()
$reader = [System.IO.StreamReader]::new($pipe)
$writer = [System.IO.StreamWriter]::new($pipe)
$writer.AutoFlush = $true
$writer.WriteLine((ConvertTo-Json -Compress -InputObject @($files.Name)))

while ($null -ne ($line = $reader.ReadLine())) {
    $order = ConvertFrom-Json $line
    [Array]::Clear($state)
    $state[0] = $env:MUTANT = $order.Mutant
    $failed = -1
    foreach ($test in $order.Tests) {
        $run = Invoke-Pester -Configuration @{
            Run    = @{ Path = $files[$test].FullName; PassThru = $true; SkipRemainingOnFailure = 'Run' }
            Output = @{ Verbosity = 'None' }
        }
        if ($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount -gt 0 -or $run.PassedCount -eq 0) {
            $failed = $test
            break
        }
    }
    $reached = @(for ($mutant = 1; $mutant -lt $state.Length; $mutant++) { if ($state[$mutant]) { $mutant } })
    $reached += @(Get-Content $env:MUTANT_HITS | ForEach-Object { [int] $_ })
    Clear-Content $env:MUTANT_HITS
    $writer.WriteLine((ConvertTo-Json -Compress @{ FailedTest = $failed; Reached = @($reached | Sort-Object -Unique) }))
}
