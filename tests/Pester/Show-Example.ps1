<#
.SYNOPSIS
    Runs examples of the documents, each in a runspace and with an account of its own, as a user at the keyboard who has a phone.
.DESCRIPTION
    After the output of each comes a line with the number of its errors.
.PARAMETER Path
    A JSON file with the examples' texts.
#>
param(
    [Parameter(Mandatory)]
    [string] $Path
)

. $PSScriptRoot/Emulator.ps1

$user = {
    param($Shared, $Manifest, $Emulator, $Account, $Code)

    . $Shared
    function Read-Host {
        param([string] $Prompt, [switch] $AsSecureString)

        if ($AsSecureString) {
            Write-Host "${Prompt}: ***"
            ConvertTo-Secure $(if ($Prompt -match 'TOTP') { $Emulator.TotpSecret } else { $env:METAL_AUTH_TOKEN })
        } else {
            do {
                $code, $to = (Read-EmulatorLine $Emulator 'SMS') -split ' ', 2
            } until ($to -eq "(account $Account)")
            Write-Host "${Prompt}: $code"
            $code
        }
    }

    Set-Location (Split-Path $Manifest)
    Import-Module $Manifest
    $errors = @()
    # The console shows what a stream has, and with it what a cmdlet writes there itself.
    . ([scriptblock]::Create($Code)) 2>&1 |
        ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { $errors += $_ } $_ } |
        Out-Default
    $errors.Count
}

$examples = @(Get-Content -LiteralPath $Path -Raw | ConvertFrom-Json | ForEach-Object { $_ })
$emulator = Open-Emulator -Accounts $examples.Count
# For the README's example that installs the module.
$env:PSModulePath = (Join-Path (Split-Path $Path) modules), $env:PSModulePath -join [System.IO.Path]::PathSeparator
try {
    for ($i = 0; $i -lt $examples.Count; $i++) {
        Use-Emulator $emulator
        $env:METAL_AUTH_TOKEN = $emulator.Tokens[$i]
        $env:METAL_TOTP_SECRET = $emulator.TotpSecret
        # The README's example names an emulator with one account on its default port.
        $code = $examples[$i].Replace('http://127.0.0.1:8180', ([uri] $emulator.Url).GetLeftPart('Authority'))
        $code = $code.Replace('my-token-1', $emulator.Tokens[$i]).Replace('/accounts/1/', "/accounts/$($i + 1)/")
        $runspace = [runspacefactory]::CreateRunspace($Host)
        $runspace.Open()
        $shell = [powershell]::Create()
        $shell.Runspace = $runspace
        $null = $shell.AddScript($user)
        foreach ($argument in "$PSScriptRoot/Emulator.ps1", $Manifest, $emulator, ($i + 1), $code) {
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
