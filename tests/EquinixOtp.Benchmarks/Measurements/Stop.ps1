# Prints the milliseconds that Stop takes for calls that wait for a response that never arrives.
param([string] $Module, [int] $Count)

$milliseconds = foreach ($i in 1..$Count) {
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    $null = $shell.AddScript("Import-Module '$Module'; Get-MetalRecoveryCode -ApiUrl $env:METAL_API_URL/hang")
    $seen = (Invoke-RestMethod $env:METAL_API_URL/stats).requests
    $call = $shell.BeginInvoke()
    while ((Invoke-RestMethod $env:METAL_API_URL/stats).requests -eq $seen -and -not $call.IsCompleted) { }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $shell.Stop()
    $watch.Elapsed.TotalMilliseconds
    if ($shell.InvocationStateInfo.State -ne 'Stopped') { throw "The call did not wait: $($shell.InvocationStateInfo.State)" }
    $shell.Dispose()
}
"$milliseconds"
