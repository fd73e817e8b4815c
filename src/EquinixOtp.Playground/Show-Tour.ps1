<#
.SYNOPSIS
    Runs the steps of a file, shows each with its output as at a prompt, and checks its expectations.
.DESCRIPTION
    Blank lines separate the steps. A step is a command, comments and expectations. A line that starts with #? is an expectation: an
    expression that must be true after the command, whose output is in $Output. Expectations are not shown. A step that writes an
    error fails, unless one of its expectations reads $Error. The exit code is 0 if all steps succeed.
#>
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '', Justification = 'The tour is shown to a person.')]
param([string] $Path = (Join-Path $PSScriptRoot tour.ps1))

function Write-Line([string] $Style, [string] $Text, [switch] $NoNewline) {
    Write-Host "$Style$Text$($PSStyle.Reset)" -NoNewline:$NoNewline
}

function Test-Expectation([string] $Expression) {
    $ErrorActionPreference = 'Stop'
    try {
        [bool] (. ([scriptblock]::Create($Expression)))
    } catch {
        $false
    }
}

# A progress bar, which a slow machine shows, would be drawn over the output.
$ProgressPreference = 'SilentlyContinue'
$width = 100
if (-not [Console]::IsOutputRedirected) {
    $width = $Host.UI.RawUI.WindowSize.Width
    if ($PSStyle.OutputRendering -ne 'PlainText') {
        # By default, Out-String removes colours.
        $PSStyle.OutputRendering = 'Ansi'
    }
}

$steps = @((Get-Content -LiteralPath $Path -Raw).Trim() -split '(?:\r?\n){2,}')
$succeeded = 0
foreach ($step in $steps) {
    $lines = $step -split '\r?\n'
    $expectations = @($lines -match '^#\?' -replace '^#\?\s*')
    $command = $lines -notmatch '^#'
    foreach ($line in $lines -match '^#(?!\?)') {
        Write-Line $PSStyle.Foreground.Green $line
    }
    $prompt = 'PS> '
    foreach ($line in $command) {
        Write-Line $PSStyle.Foreground.BrightBlack $prompt -NoNewline
        Write-Line $PSStyle.Bold ($script:lastLine = $line)
        $prompt = '>> '
    }

    $Output = [System.Collections.ArrayList]::new()
    $ended = $false
    . {
        try {
            . ([scriptblock]::Create($command -join "`n"))
        } catch {
            $script:ended = $true
            $_
        }
    } 2>&1 | ForEach-Object { $null = $Output.Add($_); $_ } | Out-String -Width $width -Stream | ForEach-Object {
        Write-Host ($script:lastLine = $_)
    }

    $unmet = @($expectations | Where-Object { -not (Test-Expectation $_) })
    foreach ($expectation in $unmet) {
        Write-Line $PSStyle.Formatting.Error "Expected: $expectation"
    }
    $hasError = @($Output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).Count -gt 0
    # The output of some views ends with a blank line.
    if ($unmet.Count -or $lastLine -replace '\e\[[\d;]*m') {
        Write-Host
    }
    if ($unmet.Count -eq 0 -and (-not $hasError -or $expectations -match '\$Error\b')) {
        $succeeded++
    } elseif ($ended) {
        break
    }
}

$style = if ($succeeded -eq $steps.Count) { $PSStyle.Foreground.BrightGreen } else { $PSStyle.Formatting.Error }
Write-Line $style "$succeeded of $($steps.Count) steps succeeded."
exit [int] ($succeeded -ne $steps.Count)
