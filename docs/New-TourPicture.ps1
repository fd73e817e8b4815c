<#
.SYNOPSIS
    Makes docs/tour.svg, the README's picture of a terminal, of what the tour really prints.
.DESCRIPTION
    Runs the playground on a terminal of its own (by util-linux's script, so on Linux), takes the steps that -Step names from
    what it prints, and draws them in the terminal's colours. What is left out between them shows as three dots.
.PARAMETER Step
    What each of the steps to show contains. Simple text, in the tour's order.
.EXAMPLE
    ./docs/New-TourPicture.ps1

    Makes the picture anew.
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
        'steps did what they should'
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

# The text between two changes of colour, cut where the terminal's line ends.
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

# Steps are parted by blank lines, and begin with a remark or a prompt. Only colours matter of what steers the terminal.
$text = ($printed -join "`n") -replace '\r' -creplace '\e(\[[?\d;]*[a-ln-zA-Z]|[=>])'
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
    throw "The tour has no step, after the ones before it, with: $($Step[$next])"
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
