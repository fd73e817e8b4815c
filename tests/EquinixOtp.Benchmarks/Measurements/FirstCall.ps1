# Prints the milliseconds of a command's first call.
param([string] $Module, [string] $Setup, [string] $Call)

if ($Module) { Import-Module $Module }
. ([scriptblock]::Create($Setup))
$first = [scriptblock]::Create("`$null = $Call")
$watch = [System.Diagnostics.Stopwatch]::StartNew()
. $first
"$($watch.Elapsed.TotalMilliseconds)"
