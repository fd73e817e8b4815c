<#
.SYNOPSIS
    Runs examples of the documents, each in a new runspace, with a Read-Host that enters the secrets and the code of the SMS.
.DESCRIPTION
    Writes the number of its errors after the output of each.
.PARAMETER Path
    A JSON file with the examples' texts.
#>
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidOverwritingBuiltInCmdlets', '', Justification = 'Replaces the prompt.')]
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '', Justification = 'Shows the prompt.')]
param(
    [Parameter(Mandatory)]
    [string] $Path
)

. $PSScriptRoot/Emulator.ps1

$user = {
    param($Shared, $Manifest, $Emulator, $Code)

    . $Shared
    function Read-Host {
        param([string] $Prompt, [switch] $AsSecureString)

        if ($AsSecureString) {
            Write-Host "${Prompt}: ***"
            ConvertTo-Secure $(if ($Prompt -match 'TOTP') { $Emulator.TotpSecret } else { $env:METAL_AUTH_TOKEN })
        } else {
            $code = @((Invoke-EmulatorAdmin accounts/1 $Emulator).sms)[-1].code
            Write-Host "${Prompt}: $code"
            $code
        }
    }

    Set-Location (Split-Path $Manifest)
    Import-Module $Manifest
    $errors = @()
    # Out-Default also shows errors in place.
    . ([scriptblock]::Create($Code)) 2>&1 |
        ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { $errors += $_ } $_ } |
        Out-Default
    $errors.Count
}

$examples = @(Get-Content -LiteralPath $Path -Raw | ConvertFrom-Json | ForEach-Object { $_ })
$emulator = Open-Emulator
# For the README's example that installs the module.
$env:PSModulePath = (Join-Path (Split-Path $Path) modules), $env:PSModulePath -join [System.IO.Path]::PathSeparator
try {
    foreach ($example in $examples) {
        Restore-Emulator $emulator
        $env:METAL_TOTP_SECRET = $emulator.TotpSecret
        # The README's example names an emulator on its default port.
        $code = $example.Replace('http://127.0.0.1:8180', ([uri] $emulator.Url).GetLeftPart('Authority'))
        $code = $code.Replace('my-token-1', $emulator.Token)
        $runspace = [runspacefactory]::CreateRunspace($Host)
        $runspace.Open()
        $shell = [powershell]::Create()
        $shell.Runspace = $runspace
        $null = $shell.AddScript($user)
        foreach ($argument in "$PSScriptRoot/Emulator.ps1", $Manifest, $emulator, $code) {
            $null = $shell.AddArgument($argument)
        }
        $errors = try { $shell.Invoke()[0] } catch { $_ }
        $shell.Dispose()
        $runspace.Dispose()
        [Console]::Out.WriteLine("-- errors: $errors")
    }
} finally {
    Close-Emulator $emulator
}
