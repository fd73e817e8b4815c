<#
.SYNOPSIS
    Draws docs/tour.svg, the terminal picture of the README, from the output of the tour.
.DESCRIPTION
    Runs the playground in a pseudo terminal (by script of util-linux, on Linux only), selects the steps of -Step from its output and draws
    them in the colours of the terminal. Three dots stand for omitted steps.
.PARAMETER Step
    A text in each of the selected steps, in the order of the tour.
.EXAMPLE
    ./docs/New-TourPicture.ps1

    Updates docs/tour.svg.
#>
[CmdletBinding()]
param(
    [string[]] $Step = @(
        'PS> Send-MetalOtpSms'
        'PS> $Emulator.Sms[-1]'
        'PS> Confirm-MetalOtp $Emulator.Sms[-1] -Verbose'
        'PS> Confirm-MetalOtp -TotpSecret'
        'PS> Get-MetalRecoveryCode'
        "PS> Confirm-MetalOtp '000000'"
        'steps succeeded'
    )
)

$ErrorActionPreference = 'Stop'

$columns = 110
$characterWidth = 7.8
$lineHeight = 18
$margin = 18
$titleBar = 38
$colors = @{ '' = '#c9d1d9'; '31' = '#ff7b72'; '32' = '#7ee787'; '33' = '#e3b341'; '90' = '#8b949e'; '92' = '#56d364' }
$command = 'dotnet run --project src/EquinixOtp.Playground'

# Splits a line into runs of one colour, wrapped at the width of the terminal.
function ConvertTo-Run {
    param([string] $Line)

    $column = 0
    $color = ''
    $bold = $false
    foreach ($part in [regex]::Matches($Line, '\e\[(?<codes>[\d;]*)m|(?<text>[^\e]+)')) {
        if (-not $part.Groups['text'].Success) {
            foreach ($code in $part.Groups['codes'].Value -split ';') {
                switch ($code) {
                    { $_ -in '', '0' } { $color = ''; $bold = $false }
                    '1' { $bold = $true }
                    default { $color = $code }
                }
            }
            continue
        }
        $text = $part.Value
        while ($text) {
            $room = $columns - $column % $columns
            $length = [Math]::Min($room, $text.Length)
            @{ Row = [Math]::Floor($column / $columns); Column = $column % $columns; Text = $text.Substring(0, $length); Color = $color; Bold = $bold }
            $column += $length
            $text = $text.Substring($length)
        }
    }
}

$root = Split-Path $PSScriptRoot
$terminal = "cd '$root' && stty cols $columns && exec env -u NO_COLOR TERM=xterm-256color $command"
$printed = @(& script --quiet --return --command $terminal /dev/null)
if ($LASTEXITCODE -ne 0) {
    throw "The tour failed: $($printed | Select-Object -Last 5)"
}

# Keep only the escape sequences of PowerShell's colours, without .NET's resets to the default colours. A step follows a blank line and
# starts with a comment or a prompt.
$text = ($printed -join "`n") -replace '\r' -creplace '\e(\[[?\d;]*[a-ln-zA-Z]|\[39;49m|[=>])'
$steps = $text.Trim() -split '\n\n(?=\e\[\d+m(?:# |PS> |\d+ of ))'
$lines = [System.Collections.Generic.List[string]]::new()
$next = 0
$last = -1
for ($i = 0; $i -lt $steps.Count; $i++) {
    $plain = $steps[$i] -replace '\e\[[\d;]*m'
    if ($next -lt $Step.Count -and $plain.Contains($Step[$next])) {
        if ($i -ne $last + 1) {
            $lines.AddRange([string[]] @("`e[90m$([char] 0x22EE)`e[0m", ''))
        }
        $lines.AddRange([string[]] (($steps[$i].TrimEnd() -split '\n') + ''))
        $last = $i
        $next++
    }
}
if ($next -lt $Step.Count) {
    throw "The tour has no step, after the previous one, with: $($Step[$next])"
}
$lines.RemoveAt($lines.Count - 1)

$row = 0
$body = foreach ($line in $lines) {
    $runs = @(ConvertTo-Run $line)
    foreach ($run in $runs | Where-Object { $_.Text.Trim() }) {
        $indent = $run.Text.Length - $run.Text.TrimStart().Length
        $shown = $run.Text.Trim()
        '<text x="{0}" y="{1}" textLength="{2}" fill="{3}"{4}>{5}</text>' -f @(
            $margin + ($run.Column + $indent) * $characterWidth
            $titleBar + $margin + 12 + ($row + $run.Row) * $lineHeight
            [Math]::Round($shown.Length * $characterWidth, 1)
            $colors[$run.Color]
            "$(if ($run.Bold) { ' font-weight="bold"' })"
            [System.Security.SecurityElement]::Escape($shown)
        )
    }
    $row += 1 + ($runs.Row | Measure-Object -Maximum).Maximum
}

$width = 2 * $margin + $columns * $characterWidth
$height = $titleBar + 2 * $margin + $row * $lineHeight
$svg = @"
<svg xmlns="http://www.w3.org/2000/svg" width="$width" height="$height" viewBox="0 0 $width $height" role="img">
<title>The tour: $command</title>
<rect width="$width" height="$height" rx="10" fill="#0d1117"/>
<path d="M0 $titleBar V10 A10 10 0 0 1 10 0 H$($width - 10) A10 10 0 0 1 $width 10 V$titleBar Z" fill="#21262d"/>
<g><circle cx="22" cy="19" r="6" fill="#ff5f56"/><circle cx="42" cy="19" r="6" fill="#ffbd2e"/><circle cx="62" cy="19" r="6" fill="#27c93f"/></g>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" xml:space="preserve">
<text x="$($width / 2)" y="24" text-anchor="middle" fill="#8b949e">$command</text>
$($body -join "`n")
</g>
</svg>

"@
[System.IO.File]::WriteAllText("$PSScriptRoot/tour.svg", ($svg -replace '\r'))
