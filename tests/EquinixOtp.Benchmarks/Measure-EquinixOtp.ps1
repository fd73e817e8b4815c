<#
.SYNOPSIS
    Measures the module, the emulator and the playground, and compares them with their baselines.
.DESCRIPTION
    Started by: dotnet run --project tests/EquinixOtp.Benchmarks -- measure

    Each measurement runs in a process of its own, in rounds that each begin with another contestant. A ratio is taken within a round.
    PowerShell's cache contains a startup profile, from which .NET compiles what an earlier process needed. Each process has an empty
    cache, except for the rows that name a profile. The table has medians over the rounds, and the quartiles in parentheses.
    EQUINIXOTP_MANIFEST names the manifest of another build of the module to measure.
.PARAMETER Rounds
    The number of rounds.
.PARAMETER PowerShell
    The pwsh.dll to measure in. The default is the one that runs this script.
.PARAMETER Update
    Write the table and the plot that docs/performance.md shows.
#>
[CmdletBinding()]
param(
    [ValidateRange(3, 100)]
    [int] $Rounds = 7,

    [string] $PowerShell = (Join-Path $PSHOME pwsh.dll),

    [switch] $Update
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$root = Split-Path (Split-Path $PSScriptRoot)
$built = Join-Path $root 'artifacts/bin'
$benchmarks = Join-Path $built 'EquinixOtp.Benchmarks/release/EquinixOtp.Benchmarks.dll'
$emulator = Join-Path $built 'EquinixOtp.Emulator/release/EquinixOtp.Emulator.dll'
$baseline = Join-Path $built 'EquinixOtp.Benchmarks.Baseline/release/EquinixOtp.Benchmarks.Baseline.dll'
$empty = Join-Path $built 'EquinixOtp.Benchmarks.Empty/release/EquinixOtp.Benchmarks.View.psd1'
$module = if ($env:EQUINIXOTP_MANIFEST) { $env:EQUINIXOTP_MANIFEST } else { Join-Path $root EquinixOtp.psd1 }
$token = 'benchmark-token-of-32-characters'
$atMost = [char] 0x2264
$atLeast = [char] 0x2265
$microsecond = "$([char] 0xB5)s"
$caches = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
$rows = [System.Collections.Generic.List[object]]::new()
$duration = [System.Diagnostics.Stopwatch]::StartNew()

function Get-Quantile([double[]] $Value, [double] $At) {
    $sorted = @($Value | Sort-Object)
    $position = $At * ($sorted.Count - 1)
    $below = [int] [Math]::Floor($position)
    $above = [int] [Math]::Ceiling($position)
    $sorted[$below] + ($position - $below) * ($sorted[$above] - $sorted[$below])
}

# Lets PowerShell use an empty cache or, with a name, that of the earlier processes with this name. On Windows it has no effect.
function Use-Cache([string] $Name = [guid]::NewGuid()) {
    $env:XDG_CACHE_HOME = Join-Path $caches $Name
}

# Runs a script of the folder Measurements in a new process, and returns the numbers that it prints.
function Measure-Process([string] $Script, [hashtable] $Parameter, [string] $Cache = [guid]::NewGuid()) {
    Use-Cache $Cache
    $arguments = $Parameter.GetEnumerator().ForEach{ "-$($_.Key)"; "$($_.Value)" }
    $output = dotnet $PowerShell -NoLogo -NoProfile -NonInteractive -File "$PSScriptRoot/Measurements/$Script.ps1" @arguments
    [double[]] (($output | Select-Object -Last 1) -split ' ')
}

# Runs the contestants in turn. Each round begins with another one. Returns, for each name, one array of numbers per round.
function Measure-Contestant([System.Collections.IDictionary] $Contestant) {
    $names = @($Contestant.Keys)
    $results = @{}
    foreach ($name in $names) { $results[$name] = @() }
    for ($round = 0; $round -lt $Rounds; $round++) {
        for ($i = 0; $i -lt $names.Count; $i++) {
            $name = $names[($i + $round) % $names.Count]
            $results[$name] += , [double[]] (& $Contestant[$name])
        }
    }
    $results
}

function Measure-Time([scriptblock] $Script) {
    Use-Cache
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    & $Script
    $watch.Elapsed.TotalSeconds
}

function Format-Quantity([double[]] $Value, [string] $Unit) {
    $median = Get-Quantile $Value 0.5
    $decimals = if ($median -ge 100) { 0 } elseif ($median -ge 10) { 1 } else { 2 }
    "{0:N$decimals} {1}" -f $median, $Unit
}

# Adds a row: the ratio of $Own and $Other in each round or, without $Other, $Own itself. A row with a label is in the plot.
function Add-Row {
    param(
        [string] $What, [string] $Against, [string] $Label,
        [double[]] $Own, [double[]] $Other, [string] $Unit, [string] $Goal, [int] $Decimals = 2
    )

    $figures = if ($Other) { for ($i = 0; $i -lt $Own.Count; $i++) { $Own[$i] / $Other[$i] } } else { $Own }
    # Rounded, so that the goal is compared with the figure in the table.
    $value, $low, $high = (0.5, 0.25, 0.75).ForEach{ [Math]::Round((Get-Quantile $figures $_), $Decimals) }
    $bound = if ($Goal) { [double] ($Goal -replace '[^\d.]') } else { $null }
    $isMinimum = $Goal.StartsWith($atLeast)
    $number = if ($Other -or -not $Unit) { "{0:F$Decimals}" } else { "{0:F$Decimals} $Unit" }
    $quartiles = if ($low -ne $high) { " ({0:F$Decimals} to {1:F$Decimals})" -f $low, $high } else { '' }
    $row = [pscustomobject] @{
        Label     = $Label
        What      = $What
        Against   = $Against
        Own       = if ($Other) { Format-Quantity $Own $Unit } else { '' }
        Other     = if ($Other) { Format-Quantity $Other $Unit } else { '' }
        Figure    = "$($number -f $value)$quartiles"
        Goal      = $Goal
        IsReached = if (-not $Goal) { $null } elseif ($isMinimum) { $value -ge $bound } else { $value -le $bound }
        # Shares of the goal for the plot: at most 1 if the goal is reached.
        Shares    = if ($bound) { ($value, $low, $high).ForEach{ if ($isMinimum) { $bound / $_ } else { $_ / $bound } } } else { $null }
    }
    $script:rows.Add($row)
    $subject = if ($Against) { "$What / $Against" } else { $What }
    $verdict = if (-not $Goal) { '' } elseif ($row.IsReached) { ", goal $Goal, reached" } else { ", goal $Goal, not reached" }
    '{0,5:0} s  {1}: {2}{3}' -f $duration.Elapsed.TotalSeconds, $subject, $row.Figure, $verdict
}

# Starts a server, which prints its URL first.
function Open-Server([string[]] $ArgumentList) {
    $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet', $ArgumentList)
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    [pscustomobject] @{ Process = $process; Url = $process.StandardOutput.ReadLine() -replace '^URL: ' }
}

function Close-Server([pscustomobject] $Server) {
    $Server.Process.Kill()
    $Server.Process.WaitForExit()
    $Server.Process.Dispose()
}

function Measure-Load([string[]] $Server, [string] $Path) {
    $started = Open-Server $Server
    try {
        [double] (dotnet $benchmarks load "$($started.Url)$Path" $token)
    } finally {
        Close-Server $started
    }
}

function Get-Machine {
    $cpu = if ($IsLinux) { (Select-String -Path /proc/cpuinfo -Pattern 'model name\s*:\s*(.+)' -List).Matches.Groups[1].Value }
    elseif ($IsMacOS) { sysctl -n machdep.cpu.brand_string }
    else { $env:PROCESSOR_IDENTIFIER }
    $version, $runtime = dotnet $PowerShell -NoLogo -NoProfile -Command (
        '"$($PSVersionTable.PSVersion)"; [System.Runtime.InteropServices.RuntimeInformation]::FrameworkDescription')
    $engine = [System.IO.File]::OpenRead((Join-Path (Split-Path $PowerShell) System.Management.Automation.dll))
    try {
        $header = [System.Reflection.PortableExecutable.PEReader]::new($engine).PEHeaders.CorHeader
        $readyToRun = if ($header.ManagedNativeHeaderDirectory.Size) { 'with' } else { 'without' }
    } finally {
        $engine.Dispose()
    }
    $system = [System.Runtime.InteropServices.RuntimeInformation]::OSDescription
    $commit = git -C $root describe --always --dirty --exclude '*'
    $shell = "PowerShell $version $readyToRun ReadyToRun"
    "$([Environment]::ProcessorCount) cores of $cpu, $system, $runtime, $shell, commit $commit, $Rounds rounds"
}

# Returns the plot of each row relative to its goal.
function Get-Plot([object[]] $Row) {
    $left = 330
    $width = 320
    $most = 2.0
    $x = { [Math]::Round($left + $width * [Math]::Min($args[0], $most) / $most, 1) }
    $text = { [System.Security.SecurityElement]::Escape($args[0]) }
    $height = 50 + 24 * $Row.Count
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {0}" font-family="sans-serif" font-size="12" fill="#333">' -f $height
    '<rect width="680" height="{0}" fill="#fff"/>' -f $height
    foreach ($share in 0, 0.5, 1, 1.5, 2) {
        $stroke = if ($share -eq 1) { '#c33' } else { '#ddd' }
        '<line x1="{0}" x2="{0}" y1="28" y2="{1}" stroke="{2}"/>' -f (& $x $share), ($height - 14), $stroke
        '<text x="{0}" y="20" text-anchor="middle">{1}</text>' -f (& $x $share), $(if ($share -eq 1) { 'goal' } else { "$share" })
    }
    $y = 44
    foreach ($item in $Row) {
        $value, $low, $high = $item.Shares | ForEach-Object { & $x $_ }
        $color = if ($item.IsReached) { '#1f4e8c' } else { '#c33' }
        '<text x="{0}" y="{1}" text-anchor="end">{2}</text>' -f ($left - 10), ($y + 4), (& $text $item.Label)
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="{3}" stroke-width="3" opacity="0.4"/>' -f $low, $high, $y, $color
        '<circle cx="{0}" cy="{1}" r="4" fill="{2}"/>' -f $value, $y, $color
        $y += 24
    }
    '</svg>'
}

# Each file of the package with its size. A file without a purpose is an error.
function Get-PackageTable {
    $purposes = [ordered] @{
        'EquinixOtp\.dll' = 'the cmdlets'
        'EquinixOtp\.Format\.ps1xml' = 'the views'
        'EquinixOtp\.Client\.dll' = 'the client'
        'Flurl(\.Http)?\.dll' = 'HTTP requests'
        'Otp\.NET\.dll' = 'TOTP'
        'Polly\.Core\.dll' = 'retries'
        'System\.Text\.(Json|Encodings\.Web)\.dll' = 'JSON'
        'System\.(Memory|Buffers|Numerics\.Vectors|Runtime\.CompilerServices\.Unsafe)\.dll' = 'spans, for JSON and the client'
        'Microsoft\.Bcl\.(TimeProvider|AsyncInterfaces)\.dll' = 'clock and asynchronous types, for the client, JSON and Polly'
        'System\.Threading\.Tasks\.Extensions\.dll' = 'asynchronous types, for JSON and Polly'
        'System\.ComponentModel\.Annotations\.dll' = 'validation of Polly''s options'
        'EquinixOtp\.psd1' = 'the manifest'
        '.*[Hh]elp\.(xml|txt)' = 'the help'
        'LICENSE|THIRD-PARTY-NOTICES\.txt' = 'licences'
        'icon\.png' = 'the icon that the PowerShell Gallery shows'
        '.*\.(nuspec|psmdcp|rels)|\[Content_Types\]\.xml' = 'NuGet''s own files'
    }
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
    $null = dotnet pack "$root/src/EquinixOtp" --no-build --output $folder
    try {
        $package = Get-Item (Join-Path $folder *.nupkg)
        $archive = [System.IO.Compression.ZipFile]::OpenRead($package.FullName)
        try {
            $files = foreach ($entry in $archive.Entries) {
                $purpose = @($purposes.Keys) | Where-Object { $entry.Name -match "^($_)$" } | Select-Object -First 1
                if (-not $purpose) { throw "$($entry.FullName) has no purpose." }
                [pscustomobject] @{
                    Name    = $entry.Name
                    Folder  = if ($entry.FullName -match '^bin/dependencies/(core|desktop)/') { $Matches[1] } else { 'other' }
                    Size    = $entry.Length
                    Purpose = $purposes[$purpose]
                }
            }
        } finally {
            $archive.Dispose()
        }
        '{0:N0} of at most 1,000,000 bytes. Unpacked, in KB:' -f $package.Length
        ''
        '| file | `core` | `desktop` | elsewhere | purpose |'
        '|---|---|---|---|---|'
        foreach ($purpose in $purposes.Values) {
            $group = @($files | Where-Object Purpose -EQ $purpose)
            $names = @($group.Name | Sort-Object -Unique).ForEach{ "``$_``" } -join ', '
            $sizes = foreach ($place in 'core', 'desktop', 'other') {
                $bytes = 0
                $group | Where-Object Folder -EQ $place | ForEach-Object { $bytes += $_.Size }
                if ($bytes) { '{0:N0}' -f [Math]::Max(1, $bytes / 1KB) } else { '' }
            }
            "| $names | $($sizes -join ' | ') | $purpose |"
        }
    } finally {
        Remove-Item -LiteralPath $folder -Recurse
    }
}

function Write-Section([string] $Name, [string[]] $Line) {
    $page = Join-Path $root docs/performance.md
    $begin = "<!-- $Name, written by Measure-EquinixOtp.ps1 -->"
    $end = "<!-- end of $Name -->"
    $before, $rest = (Get-Content -LiteralPath $page -Raw) -split [regex]::Escape($begin), 2
    $after = ($rest -split [regex]::Escape($end), 2)[1]
    Set-Content -LiteralPath $page -Value "$before$begin`n$($Line -join "`n")`n$end$after" -NoNewline -Encoding utf8NoBOM
}

[cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture
$machine = Get-Machine
$machine
$environment = @{}
$server = Open-Server $benchmarks, serve
try {
    $uri = "$($server.Url)/user/otp/recovery-codes"
    foreach ($variable in @{ METAL_API_URL = $server.Url; METAL_AUTH_TOKEN = $token; XDG_CACHE_HOME = $caches }.GetEnumerator()) {
        $environment[$variable.Key] = [Environment]::GetEnvironmentVariable($variable.Key)
        [Environment]::SetEnvironmentVariable($variable.Key, $variable.Value)
    }
    $own = @{ Module = $module; Call = 'Get-MetalRecoveryCode' }
    $bare = @{ Module = $baseline; Call = "Get-BareHttp $uri $token" }
    $flurl = @{ Module = $baseline; Call = "Get-BareFlurl $uri $token" }
    $restUnloaded = @{
        Setup = "`$headers = @{ 'X-Auth-Token' = '$token' }"
        Call  = "Invoke-RestMethod $uri -Headers `$headers"
    }
    $rest = $restUnloaded + @{ Module = 'Microsoft.PowerShell.Utility' }
    $session = @{
        Module = 'Microsoft.PowerShell.Utility'
        Setup  = "`$session = [Microsoft.PowerShell.Commands.WebRequestSession]::new(); `$session.Headers['X-Auth-Token'] = '$token'"
        Call   = "Invoke-RestMethod $uri -WebSession `$session"
    }

    # Once without a result, to fill the disk's cache.
    $null = Measure-Process Import @{ Module = $module }
    $null = Measure-Process Import @{ Module = $empty }
    $import = Measure-Contestant ([ordered] @{
            Own   = { Measure-Process Import @{ Module = $module } }
            Empty = { Measure-Process Import @{ Module = $empty } }
        })
    Add-Row -What 'import, fresh process' -Against 'an empty binary module with a manifest and a view' -Label 'import' `
        -Own $import.Own.ForEach{ $_[0] } -Other $import.Empty.ForEach{ $_[0] } -Unit ms -Goal "$atMost 1.20"

    # Once without a result: each writes its startup profile.
    $null = Measure-Process FirstCall $own -Cache own
    $null = Measure-Process FirstCall $flurl -Cache flurl
    $null = Measure-Process FirstCall $restUnloaded -Cache rest
    # At a prompt, the first Invoke-RestMethod also loads its module.
    $first = Measure-Contestant ([ordered] @{
            Own           = { Measure-Process FirstCall $own }
            Rest          = { Measure-Process FirstCall $restUnloaded }
            Imported      = { Measure-Process FirstCall $rest }
            Bare          = { Measure-Process FirstCall $bare }
            Flurl         = { Measure-Process FirstCall $flurl }
            ProfiledOwn   = { Measure-Process FirstCall $own -Cache own }
            ProfiledFlurl = { Measure-Process FirstCall $flurl -Cache flurl }
            ProfiledRest  = { Measure-Process FirstCall $restUnloaded -Cache rest }
        })
    $milliseconds = $first.Own.ForEach{ $_[0] }
    Add-Row -What 'first `Get-MetalRecoveryCode`, fresh process, imported' -Against 'first `Invoke-RestMethod`' `
        -Label 'first call / Invoke-RestMethod' -Own $milliseconds -Other $first.Rest.ForEach{ $_[0] } -Unit ms -Goal "$atMost 0.40"
    Add-Row -What 'the same call' -Against 'first `Invoke-RestMethod`, with its module imported before' `
        -Own $milliseconds -Other $first.Imported.ForEach{ $_[0] } -Unit ms
    Add-Row -What 'the same call' -Against 'first call of a cmdlet on a bare HttpClient' `
        -Own $milliseconds -Other $first.Bare.ForEach{ $_[0] } -Unit ms
    Add-Row -What 'first call of a cmdlet on bare Flurl' -Against 'first `Invoke-RestMethod`' `
        -Own $first.Flurl.ForEach{ $_[0] } -Other $first.Rest.ForEach{ $_[0] } -Unit ms
    $milliseconds = $first.ProfiledRest.ForEach{ $_[0] }
    Add-Row -What 'first `Get-MetalRecoveryCode` with its startup profile' -Against 'first `Invoke-RestMethod` with its startup profile' `
        -Label 'the same with startup profiles' -Own $first.ProfiledOwn.ForEach{ $_[0] } -Other $milliseconds -Unit ms -Goal "$atMost 0.40"
    Add-Row -What 'first call of a cmdlet on bare Flurl with its startup profile' `
        -Against 'first `Invoke-RestMethod` with its startup profile' `
        -Own $first.ProfiledFlurl.ForEach{ $_[0] } -Other $milliseconds -Unit ms

    $loop = @{ WarmUp = 10000; Count = 5000 }
    $warm = Measure-Contestant ([ordered] @{
            Own     = { Measure-Process WarmCall ($own + $loop) }
            Bare    = { Measure-Process WarmCall ($bare + $loop) }
            Flurl   = { Measure-Process WarmCall ($flurl + $loop) }
            Rest    = { Measure-Process WarmCall ($rest + $loop) }
            Session = { Measure-Process WarmCall ($session + $loop) }
        })
    $microseconds = $warm.Own.ForEach{ $_[0] }
    Add-Row -What 'warm call' -Against 'a cmdlet on a bare HttpClient' -Label 'warm call / bare HttpClient' `
        -Own $microseconds -Other $warm.Bare.ForEach{ $_[0] } -Unit $microsecond -Goal "$atMost 1.15"
    Add-Row -What 'warm call' -Against '`Invoke-RestMethod`' -Label 'warm call / Invoke-RestMethod' `
        -Own $microseconds -Other $warm.Rest.ForEach{ $_[0] } -Unit $microsecond -Goal "$atMost 0.30"
    Add-Row -What 'warm call' -Against '`Invoke-RestMethod -WebSession`' -Label 'warm call / Invoke-RestMethod -WebSession' `
        -Own $microseconds -Other $warm.Session.ForEach{ $_[0] } -Unit $microsecond -Goal "$atMost 0.60"
    $microseconds = $warm.Bare.ForEach{ $_[0] }
    Add-Row -What 'warm call of a cmdlet on a bare HttpClient' -Against '`Invoke-RestMethod`' `
        -Own $microseconds -Other $warm.Rest.ForEach{ $_[0] } -Unit $microsecond
    Add-Row -What 'warm call of a cmdlet on a bare HttpClient' -Against '`Invoke-RestMethod -WebSession`' `
        -Own $microseconds -Other $warm.Session.ForEach{ $_[0] } -Unit $microsecond
    $bytes = $warm.Own.ForEach{ $_[1] }
    Add-Row -What 'allocation per warm call' -Against '`Invoke-RestMethod -WebSession`' `
        -Label 'allocation / Invoke-RestMethod -WebSession' -Own $bytes -Other $warm.Session.ForEach{ $_[1] } -Unit B -Goal "$atMost 0.35"
    Add-Row -What 'allocation per warm call' -Against 'a cmdlet on a bare HttpClient' -Own $bytes -Other $warm.Bare.ForEach{ $_[1] } -Unit B
    Add-Row -What 'allocation per warm call' -Against 'a cmdlet on bare Flurl' -Own $bytes -Other $warm.Flurl.ForEach{ $_[1] } -Unit B

    $loop = @{ WarmUp = 6000; Count = 2000 }
    $parallel = Measure-Contestant ([ordered] @{
            Own   = { Measure-Process Runspaces ($own + $loop) }
            Bare  = { Measure-Process Runspaces ($bare + $loop) }
            Flurl = { Measure-Process Runspaces ($flurl + $loop) }
        })
    Add-Row -What '8 runspaces, calls per second' -Against 'a cmdlet on a bare HttpClient' -Label '8 runspaces / bare HttpClient' `
        -Own $parallel.Own.ForEach{ $_[0] } -Other $parallel.Bare.ForEach{ $_[0] } -Unit '/s' -Goal "$atLeast 0.90"
    Add-Row -What 'a cmdlet on bare Flurl in 8 runspaces' -Against 'a cmdlet on a bare HttpClient' `
        -Own $parallel.Flurl.ForEach{ $_[0] } -Other $parallel.Bare.ForEach{ $_[0] } -Unit '/s'

    $before = (Invoke-RestMethod "$($server.Url)/stats").connections
    $null = Measure-Process Calls ($own + @{ Count = 1000 })
    $connections = (Invoke-RestMethod "$($server.Url)/stats").connections - $before
    Add-Row -What 'connections per 1,000 sequential calls' -Own $connections -Goal "$atMost 1" -Decimals 0

    $pipelines = foreach ($round in 1..3) { , (Measure-Process Pipeline @{ Module = $module }) }
    Add-Row -What 'call in a pipeline of 100,000 OTPs' -Against 'call in a pipeline of 1,000' -Label 'pipeline of 100,000 / of 1,000' `
        -Own $pipelines.ForEach{ $_[0] } -Other $pipelines.ForEach{ $_[1] } -Unit $microsecond -Goal "$atMost 1.05"
    Add-Row -What 'memory that the long pipeline leaves' `
        -Own $pipelines.ForEach{ [Math]::Max(0, $_[2] / 1MB) } -Unit MB -Goal "$atMost 0" -Decimals 1

    Add-Row -What 'from Stop to control' -Label 'from Stop to control' `
        -Own (Measure-Process Stop @{ Module = $module; Count = 20 }) -Unit ms -Goal "$atMost 5"

    $console = New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid()))
    try {
        $null = dotnet new console --name Console --output $console.FullName
        $null = dotnet build $console.FullName
        $playground = Measure-Contestant ([ordered] @{
                Own     = { Measure-Time { dotnet run --project "$root/src/EquinixOtp.Playground" | Out-Null } }
                Pwsh    = { Measure-Time { dotnet $PowerShell -NoProfile -Command exit } }
                Built   = { Measure-Time { dotnet "$built/EquinixOtp.Playground/release/EquinixOtp.Playground.dll" | Out-Null } }
                Console = { Measure-Time { dotnet run --project $console.FullName | Out-Null } }
            })
    } finally {
        Remove-Item -LiteralPath $console.FullName -Recurse -Force
    }
    Add-Row -What '`dotnet run --project src/EquinixOtp.Playground`, built' -Against '`pwsh -Command exit`' `
        -Label 'playground / pwsh -Command exit' -Own $playground.Own.ForEach{ $_[0] } `
        -Other $playground.Pwsh.ForEach{ $_[0] } -Unit s -Goal "$atMost 2.5"
    Add-Row -What 'the playground''s process without `dotnet run`' -Against '`pwsh -Command exit`' `
        -Own $playground.Built.ForEach{ $_[0] } -Other $playground.Pwsh.ForEach{ $_[0] } -Unit s
    Add-Row -What '`dotnet run` of the console program of `dotnet new`, built' -Against '`pwsh -Command exit`' `
        -Own $playground.Console.ForEach{ $_[0] } -Other $playground.Pwsh.ForEach{ $_[0] } -Unit s

    $requests = Measure-Contestant ([ordered] @{
            Own   = { Measure-Load $emulator, --port, 0, --token, $token /user/otp/recovery-codes }
            Empty = { Measure-Load $benchmarks, serve-kestrel / }
        })
    Add-Row -What 'emulator with its journal on, 8 connections' -Against 'an empty Kestrel endpoint' `
        -Label 'emulator / empty Kestrel endpoint' -Own $requests.Own.ForEach{ $_[0] } `
        -Other $requests.Empty.ForEach{ $_[0] } -Unit '/s' -Goal "$atLeast 0.70"
} finally {
    foreach ($variable in $environment.GetEnumerator()) { [Environment]::SetEnvironmentVariable($variable.Key, $variable.Value) }
    Close-Server $server
    if (Test-Path -LiteralPath $caches) { Remove-Item -LiteralPath $caches -Recurse }
}

$table = @(
    '| what | against | own | other | value (quartiles) | goal | reached |'
    '|---|---|---|---|---|---|---|'
    foreach ($row in $rows) {
        $reached = if ($null -eq $row.IsReached) { '' } elseif ($row.IsReached) { 'yes' } else { '**no**' }
        "| $(($row.What, $row.Against, $row.Own, $row.Other, $row.Figure, $row.Goal, $reached) -join ' | ') |"
    }
)
$table
if ($Update) {
    Write-Section results @(
        "$machine. $($duration.Elapsed.ToString('m\:ss')) minutes."
        ''
        $table
    )
    Write-Section package (Get-PackageTable)
    Set-Content -LiteralPath "$root/docs/performance.svg" -Value (Get-Plot ($rows | Where-Object Label)) -Encoding utf8NoBOM
}
