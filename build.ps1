<#
.SYNOPSIS
    Builds and tests EquinixOtp.
.DESCRIPTION
    For people with PowerShell; MSBuild does the work. Needs the .NET 10 SDK, and Pester 5.7 for the Pester suite.
    Installs nothing. Works from any folder. The exit code is that of the first step that fails.
.PARAMETER Task
    build   builds everything; the module then lies beside EquinixOtp.psd1, to be imported in place
    test    builds, and runs all tests: dotnet test, then the Pester suite
    pester  builds, and runs the Pester suite alone
.EXAMPLE
    ./build.ps1
    Import-Module ./EquinixOtp.psd1

    Builds the module and imports it.
.EXAMPLE
    ./build.ps1 test

    Runs all tests. The last line gives the Pester suite's totals.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'pester')]
    [string] $Task = 'build'
)

$ErrorActionPreference = 'Stop'

function Invoke-Step {
    param([string] $Program, [string[]] $With)

    & $Program @With
    if ($LASTEXITCODE -ne 0) {
        exit $LASTEXITCODE
    }
}

# global.json counts from the current folder.
Push-Location -LiteralPath $PSScriptRoot
try {
    Invoke-Step dotnet 'build'
    if ($Task -eq 'test') {
        Invoke-Step dotnet 'test'
    }
    if ($Task -ne 'build') {
        # In a shell of its own: this one may have loaded the module before it was built anew.
        Invoke-Step (Get-Process -Id $PID).Path '-NoProfile', '-File', './tests/Pester/Run.ps1'
    }
} finally {
    Pop-Location
}
