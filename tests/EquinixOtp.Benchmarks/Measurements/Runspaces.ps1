# Prints the calls per second of eight runspaces, all of them warm.
param([string] $Module, [string] $Call, [int] $WarmUp, [int] $Count)

$loop = "param(`$count) for (`$i = 0; `$i -lt `$count; `$i++) { `$null = $Call }"
$shells = foreach ($i in 1..8) {
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    $null = $shell.AddCommand('Import-Module').AddArgument($Module).Invoke()
    $shell
}

function Invoke-All([int] $Count) {
    foreach ($shell in $shells) {
        $shell.Commands.Clear()
        $null = $shell.AddScript($loop).AddArgument($Count)
    }
    $calls = foreach ($shell in $shells) { $shell.BeginInvoke() }
    for ($i = 0; $i -lt $shells.Count; $i++) {
        $null = $shells[$i].EndInvoke($calls[$i])
        if ($shells[$i].HadErrors) { throw $shells[$i].Streams.Error[0] }
    }
}

Invoke-All $WarmUp
$watch = [System.Diagnostics.Stopwatch]::StartNew()
Invoke-All $Count
"$($shells.Count * $Count / $watch.Elapsed.TotalSeconds)"
