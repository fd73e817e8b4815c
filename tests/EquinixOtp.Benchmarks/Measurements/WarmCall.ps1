# Prints the microseconds and the allocated bytes of a warm call.
param([string] $Module, [string] $Setup, [string] $Call, [int] $WarmUp, [int] $Count)

Import-Module $Module
. ([scriptblock]::Create($Setup))
$loop = [scriptblock]::Create("param(`$count) for (`$i = 0; `$i -lt `$count; `$i++) { `$null = $Call }")
. $loop $WarmUp
$bytes = [GC]::GetTotalAllocatedBytes($true)
$watch = [System.Diagnostics.Stopwatch]::StartNew()
. $loop $Count
$microseconds = $watch.Elapsed.TotalMicroseconds
$bytes = [GC]::GetTotalAllocatedBytes($true) - $bytes
"$($microseconds / $Count) $($bytes / $Count)"
