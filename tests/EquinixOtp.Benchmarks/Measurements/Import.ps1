# Prints the milliseconds of an import.
param([string] $Module)

$watch = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Module
"$($watch.Elapsed.TotalMilliseconds)"
