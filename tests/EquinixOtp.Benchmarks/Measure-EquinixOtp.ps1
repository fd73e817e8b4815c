<#
.SYNOPSIS
    Measures the module where people feel it, against what they would otherwise use.
.DESCRIPTION
    Every row is a ratio or a count within one run on one machine, against one local server. Fresh processes where a row is
    about a first time; rounds interleaved; medians, with the spread between the quartiles. Rows without a goal show what
    the row above is made of. Ends with exit code 1 when a row isn't reached. Build and pack first: dotnet build tests/EquinixOtp.Benchmarks,
    dotnet pack src/EquinixOtp
.PARAMETER Rounds
    How often each thing is measured, 5 or more.
.PARAMETER Svg
    Where to draw the cost of a call over the pipeline's length; nowhere unless given.
.EXAMPLE
    ./tests/EquinixOtp.Benchmarks/Measure-EquinixOtp.ps1 -Svg docs/performance.svg
#>
[CmdletBinding()]
param(
    [ValidateRange(5, 100)]
    [int]$Rounds = 9,

    [string]$Svg
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$root = Split-Path (Split-Path $PSScriptRoot)
$built = Join-Path $root 'artifacts/bin'
$manifest = Join-Path $root 'EquinixOtp.psd1'
$baseline = Join-Path $built 'EquinixOtp.Benchmarks.Baseline/release/EquinixOtp.Benchmarks.Baseline.dll'
$empty = Join-Path $built 'EquinixOtp.Benchmarks.Empty/release/EquinixOtp.Benchmarks.Empty.psd1'
$view = Join-Path $built 'EquinixOtp.Benchmarks.Empty/release/EquinixOtp.Benchmarks.View.psd1'
# Of PowerShell as a .NET tool, the process is dotnet's.
$pwsh = (Get-Process -Id $PID).Path -replace '^.*[\\/]dotnet(\.exe)?$', 'pwsh'
$token = 'benchmark-token'
$microseconds = "$([char] 0xB5)s"

function Get-Median([double[]]$Value) {
    $sorted = @($Value | Sort-Object)
    $middle = [int][Math]::Floor(($sorted.Count - 1) / 2)
    if ($sorted.Count % 2) { $sorted[$middle] } else { ($sorted[$middle] + $sorted[$middle + 1]) / 2 }
}

function Get-Spread([double[]]$Value) {
    $sorted = @($Value | Sort-Object)
    $sorted[[int][Math]::Ceiling(0.75 * ($sorted.Count - 1))] - $sorted[[int][Math]::Floor(0.25 * ($sorted.Count - 1))]
}

function Add-Row([string]$What, [string]$Against, [double[]]$Own, [double[]]$Other, [string]$Unit, [string]$Reach, [scriptblock]$IsReached = { $null }) {
    $a = Get-Median $Own
    $b = if ($Other) { Get-Median $Other } else { $null }
    $figure = if ($Other) { $a / $b } else { $a }
    $script:rows.Add([pscustomobject]@{
            What    = $What
            Against = $Against
            Own     = ('{0:0.###} {1} (spread {2:0.###})' -f $a, $Unit, (Get-Spread $Own))
            Other   = if ($Other) { ('{0:0.###} {1} (spread {2:0.###})' -f $b, $Unit, (Get-Spread $Other)) } else { '' }
            Figure  = '{0:0.###}' -f $figure
            Reach   = $Reach
            Reached = $figure | ForEach-Object $IsReached
        })
}

# One line of numbers from a script in a process of its own.
function Measure-FreshProcess([string]$Script) {
    [double](& $pwsh -NoLogo -NoProfile -NonInteractive -Command $Script | Select-Object -Last 1)
}

# Microseconds a call.
function Measure-Call([int]$Count, [scriptblock]$Loop) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    & $Loop $Count
    1e6 * $watch.Elapsed.TotalSeconds / $Count
}

# Bytes a call, on all threads.
function Measure-Allocation([int]$Count, [scriptblock]$Loop) {
    $before = [GC]::GetTotalAllocatedBytes($true)
    & $Loop $Count
    ([GC]::GetTotalAllocatedBytes($true) - $before) / $Count
}

# A table of numbers by name. Each round begins with another name, since what a measurement finds depends on what went before.
# Of a round 0, nothing is kept.
function Measure-Round([string[]]$Names, [scriptblock]$Measure, [int]$First = 1) {
    $numbers = @{}
    foreach ($name in $Names) { $numbers[$name] = @() }
    foreach ($round in $First..$Rounds) {
        foreach ($i in 0..($Names.Count - 1)) {
            $name = $Names[($i + $round) % $Names.Count]
            $number = $name | ForEach-Object $Measure
            if ($round) { $numbers[$name] += $number }
        }
    }
    $numbers
}

function Get-ServerStatistic { (Invoke-RestMethod "$url/stats") }

$before = $null
$rows = [Collections.Generic.List[object]]::new()
$start = [Diagnostics.ProcessStartInfo]::new('dotnet', "`"$(Join-Path $built 'EquinixOtp.Benchmarks/release/EquinixOtp.Benchmarks.dll')`" serve")
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$server = [Diagnostics.Process]::Start($start)
try {
    $url = $server.StandardOutput.ReadLine()
    $uri = "$url/user/otp/recovery-codes"
    $before = $env:METAL_API_URL, $env:METAL_AUTH_TOKEN
    $env:METAL_API_URL = $url
    $env:METAL_AUTH_TOKEN = $token

    # First times, each in a process of its own.
    $timed = '$w = [Diagnostics.Stopwatch]::StartNew(); {0}; $w.Elapsed.TotalMilliseconds'
    $scripts = [ordered]@{
        Import      = $timed -replace '\{0\}', "Import-Module '$manifest'"
        ImportEmpty = $timed -replace '\{0\}', "Import-Module '$empty'"
        ImportView  = $timed -replace '\{0\}', "Import-Module '$view'"
        First       = "Import-Module '$manifest'; " + ($timed -replace '\{0\}', '$null = Get-MetalRecoveryCode')
        FirstBare   = "Import-Module '$baseline'; " + ($timed -replace '\{0\}', "`$null = Get-BareHttp '$uri' '$token'")
        FirstRest   = $timed -replace '\{0\}', "`$null = Invoke-RestMethod '$uri' -Headers @{ 'X-Auth-Token' = '$token' }"
    }
    # The first round only fills the disk's cache.
    $first = Measure-Round -Names $scripts.Keys -First 0 -Measure { Measure-FreshProcess $scripts[$_] }
    Add-Row -What 'Import-Module, fresh process' -Against 'empty binary module, with a manifest' -Own $first.Import -Other $first.ImportEmpty -Unit 'ms' -Reach '<= 1.2' -IsReached { $_ -le 1.2 }
    Add-Row -What '  of an empty module with one view' -Against 'empty binary module, with a manifest' -Own $first.ImportView -Other $first.ImportEmpty -Unit 'ms'
    Add-Row -What 'first call, fresh process' -Against 'first Invoke-RestMethod' -Own $first.First -Other $first.FirstRest -Unit 'ms' -Reach '<= 0.35' -IsReached { $_ -le 0.35 }
    Add-Row -What '  of the bare HttpClient cmdlet' -Against 'first Invoke-RestMethod' -Own $first.FirstBare -Other $first.FirstRest -Unit 'ms'

    # Warm calls in this process.
    Import-Module $manifest, $baseline
    $headers = @{ 'X-Auth-Token' = $token }
    $null = Invoke-RestMethod $uri -Headers $headers -SessionVariable session
    $calls = [ordered]@{
        Own     = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Get-MetalRecoveryCode } }
        Plain   = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Get-MetalRecoveryCode -AsPlainText } }
        Sms     = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Send-MetalOtpSms } }
        Bare    = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Get-BareHttp $uri $token } }
        Rest    = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Invoke-RestMethod $uri -Headers $headers } }
        Session = { param($n) for ($i = 0; $i -lt $n; $i++) { $null = Invoke-RestMethod $uri -WebSession $session } }
    }
    foreach ($call in $calls.Values) { & $call 4000 }
    $time = Measure-Round -Names $calls.Keys -Measure { Measure-Call 1000 $calls[$_] }
    Add-Row -What 'warm call' -Against 'bare HttpClient cmdlet' -Own $time.Own -Other $time.Bare -Unit $microseconds -Reach '<= 1.15' -IsReached { $_ -le 1.15 }
    Add-Row -What '  with -AsPlainText: no SecureStrings' -Against 'bare HttpClient cmdlet' -Own $time.Plain -Other $time.Bare -Unit $microseconds
    Add-Row -What '  of Send-MetalOtpSms: no answer to read' -Against 'bare HttpClient cmdlet' -Own $time.Sms -Other $time.Bare -Unit $microseconds
    Add-Row -What 'warm call' -Against 'Invoke-RestMethod' -Own $time.Own -Other $time.Rest -Unit $microseconds -Reach '<= 0.33' -IsReached { $_ -le 0.33 }
    Add-Row -What 'warm call' -Against 'Invoke-RestMethod -WebSession' -Own $time.Own -Other $time.Session -Unit $microseconds -Reach '<= 0.7' -IsReached { $_ -le 0.7 }
    $bytes = Measure-Round -Names Own, Session -Measure { Measure-Allocation 200 $calls[$_] }
    Add-Row -What 'allocation a warm call' -Against 'Invoke-RestMethod -WebSession' -Own $bytes.Own -Other $bytes.Session -Unit 'B' -Reach '<= 0.5' -IsReached { $_ -le 0.5 }

    # Connections, from a process of its own so that none is open yet.
    $seenBefore = (Get-ServerStatistic).connections
    $null = & $pwsh -NoLogo -NoProfile -NonInteractive -Command "Import-Module '$manifest'; foreach (`$i in 1..1000) { `$null = Get-MetalRecoveryCode }"
    Add-Row -What 'connections of 1,000 calls' -Own @((Get-ServerStatistic).connections - $seenBefore) -Reach '1' -IsReached { $_ -eq 1 }

    # Eight runspaces, each with a loop of its own, all started before any is waited for.
    function Measure-Parallel([string]$Command, [int]$Count) {
        $loop = "param(`$n) for (`$i = 0; `$i -lt `$n; `$i++) { `$null = $Command }"
        $shells = foreach ($i in 1..8) {
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            # Import and first calls before the clock starts. Imported by the session's state, two modules would make PowerShell search
            # for the command at every call, which takes it 12 ms.
            $null = $shell.AddScript("Import-Module '$manifest', '$baseline'").AddStatement().AddScript($loop).AddArgument(20).Invoke()
            $shell.Commands.Clear()
            $shell.AddScript($loop).AddArgument($Count)
        }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $waits = foreach ($shell in $shells) { $shell.BeginInvoke() }
        for ($i = 0; $i -lt 8; $i++) { $null = $shells[$i].EndInvoke($waits[$i]) }
        $seconds = $watch.Elapsed.TotalSeconds
        foreach ($shell in $shells) { $shell.Runspace.Dispose(); $shell.Dispose() }
        8 * $Count / $seconds
    }
    $parallel = [ordered]@{ Own = 'Get-MetalRecoveryCode'; Bare = "Get-BareHttp '$uri' '$token'" }
    $rate = Measure-Round -Names $parallel.Keys -First 0 -Measure { Measure-Parallel $parallel[$_] 1000 }
    Add-Row -What '8 runspaces, calls a second' -Against 'bare HttpClient cmdlet' -Own $rate.Own -Other $rate.Bare -Unit '/s' -Reach '>= 0.85' -IsReached { $_ -ge 0.85 }

    # One long pipeline.
    $one = [string[]]::new(1000); [Array]::Fill($one, '123456')
    $hundred = [string[]]::new(100000); [Array]::Fill($hundred, '123456')
    $null = $one | Confirm-MetalOtp -Quiet
    $short = foreach ($round in 1..$Rounds) { Measure-Call 1000 { $one | Confirm-MetalOtp -Quiet | Out-Null } }
    $memoryBefore = [GC]::GetTotalMemory($true)
    $long = foreach ($round in 1..2) { Measure-Call 100000 { $hundred | Confirm-MetalOtp -Quiet | Out-Null } }
    $grown = ([GC]::GetTotalMemory($true) - $memoryBefore) / 1MB
    $shortAgain = foreach ($round in 1..$Rounds) { Measure-Call 1000 { $one | Confirm-MetalOtp -Quiet | Out-Null } }
    Add-Row -What 'a call of 100,000 down one pipeline' -Against 'a call of 1,000' -Own $long -Other ($short + $shortAgain) -Unit $microseconds -Reach '<= 1.1' -IsReached { $_ -le 1.1 }
    Add-Row -What 'memory that 200,000 calls leave' -Own @($grown) -Unit 'MB' -Reach '<= 1' -IsReached { $_ -le 1 }

    # From Stop to control back, the call waiting for an answer that never comes.
    $stops = foreach ($round in 0..([Math]::Max(20, $Rounds))) {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $null = $shell.AddScript("Import-Module '$manifest'; Get-MetalRecoveryCode -ApiUrl '$url/hang'")
        $seen = (Get-ServerStatistic).requests
        $null = $shell.BeginInvoke()
        while ((Get-ServerStatistic).requests -eq $seen) { [Threading.Thread]::Yield() | Out-Null }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.Elapsed.TotalMilliseconds
        $shell.Dispose()
    }
    # The first stop compiles what the others run.
    Add-Row -What 'from Stop to control back' -Own ($stops | Select-Object -Skip 1) -Unit 'ms' -Reach '<= 50' -IsReached { $_ -le 50 }

    if ($Svg) {
        $points = foreach ($length in 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000) {
            $otps = [string[]]::new($length); [Array]::Fill($otps, '123456')
            $repeat = [Math]::Max(1, [Math]::Min(200, [int](2000 / $length)))
            $costs = foreach ($round in 1..$(if ($length -le 10000) { $Rounds } else { 1 })) {
                Measure-Call ($length * $repeat) { for ($r = 0; $r -lt $repeat; $r++) { $otps | Confirm-MetalOtp -Quiet | Out-Null } }
            }
            [pscustomobject]@{ Length = $length; Cost = Get-Median $costs }
        }
        $top = 100 * [Math]::Ceiling(($points.Cost | Measure-Object -Maximum).Maximum / 100)
        $x = { param($p) 70 + 110 * [Math]::Log10($p.Length) }
        $y = { param($p) 300 - 260 * $p.Cost / $top }
        $line = ($points | ForEach-Object { '{0:0.#},{1:0.#}' -f (& $x $_), (& $y $_) }) -join ' '
        $dots = $points | ForEach-Object { '<circle cx="{0:0.#}" cy="{1:0.#}" r="4"><title>{2}: {3:0} &#181;s</title></circle>' -f (& $x $_), (& $y $_), $_.Length, $_.Cost }
        $grid = foreach ($i in 0..4) {
            $level = 300 - 65 * $i
            '<line x1="70" x2="640" y1="{0}" y2="{0}" stroke="#ccc"/><text x="62" y="{1}" text-anchor="end">{2:0}</text>' -f $level, ($level + 4), ($top * $i / 4)
        }
        $ticks = foreach ($i in 0..5) { '<text x="{0}" y="320" text-anchor="middle">{1:N0}</text>' -f (70 + 110 * $i), [Math]::Pow(10, $i) }
        @(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 360" font-family="sans-serif" font-size="12" fill="#333">'
            '<rect width="680" height="360" fill="#fff"/>'
            '<text x="70" y="24" font-size="14">Cost of a call over the length of the pipeline, in &#181;s</text>'
            $grid
            $ticks
            '<text x="355" y="345" text-anchor="middle">OTPs down one pipeline of Confirm-MetalOtp -Quiet</text>'
            "<polyline points=`"$line`" fill=`"none`" stroke=`"#1f4e8c`" stroke-width=`"2`"/>"
            '<g fill="#1f4e8c">'
            $dots
            '</g>'
            '</svg>'
        ) | Set-Content -LiteralPath $Svg -Encoding utf8NoBOM
    }
} finally {
    if ($before) { $env:METAL_API_URL, $env:METAL_AUTH_TOKEN = $before }
    $server.StandardInput.Close()
    $server.WaitForExit()
}

$package = Get-Item (Join-Path $root 'artifacts/package/EquinixOtp.*.nupkg')
Add-Row -What 'package' -Own @($package[0].Length / 1KB) -Unit 'KB' -Reach '< 1024' -IsReached { $_ -lt 1024 }

$rows | Format-Table -AutoSize -Wrap | Out-String -Width 200
"PowerShell $($PSVersionTable.PSVersion), $([Runtime.InteropServices.RuntimeInformation]::FrameworkDescription), $([Environment]::ProcessorCount) cores, $([Runtime.InteropServices.RuntimeInformation]::OSDescription)"
exit [int](@($rows | Where-Object { $_.Reached -eq $false }).Count -gt 0)
