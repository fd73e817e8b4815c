# Prints the microseconds of a call in a pipeline of 100,000 OTPs and in pipelines of 1,000, and the bytes that the long pipeline leaves.
param([string] $Module)

Import-Module $Module
$short = [string[]]::new(1000)
[Array]::Fill($short, '123456')
$long = [string[]]::new(100000)
[Array]::Fill($long, '123456')

function Measure-Pipeline([string[]] $Otp, [int] $Repeat) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    for ($i = 0; $i -lt $Repeat; $i++) { $Otp | Confirm-MetalOtp -Quiet | Out-Null }
    $watch.Elapsed.TotalMicroseconds / $Otp.Count / $Repeat
}

function Measure-Memory {
    # Twice, because finalizers keep objects for the second collection.
    foreach ($i in 1..2) {
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
    }
    [GC]::GetTotalMemory($true)
}

$null = Measure-Pipeline $short 20
$before = Measure-Memory
# Short pipelines before and after, because processor time varies on a shared machine.
$shortCosts = @(Measure-Pipeline $short 25)
$longCost = Measure-Pipeline $long 1
$shortCosts += Measure-Pipeline $short 25
$left = (Measure-Memory) - $before
"$longCost $(($shortCosts | Measure-Object -Average).Average) $left"
