# Runs in PowerShell before the tour, the script or the prompt.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', 'Emulator', Justification = 'The tour, scripts and prompts use it.')]
param()

# PowerShell ignores a failed script of a configuration file, so an error ends the process here.
trap {
    [Console]::Error.WriteLine($_)
    [Environment]::Exit(1)
}

if ([Console]::IsOutputRedirected) {
    $PSStyle.OutputRendering = 'PlainText'
}

# First in the path, so that jobs and other runspaces do not import an installed EquinixOtp.
$env:PSModulePath = (Join-Path $PSScriptRoot modules), $env:PSModulePath -join [System.IO.Path]::PathSeparator
Import-Module EquinixOtp -ErrorAction Stop

$Emulator = & {
    $sms = Join-Path $PSScriptRoot sms.txt
    [pscustomobject] @{
        Url        = [uri] $env:METAL_API_URL
        Token      = [System.Net.NetworkCredential]::new('', $env:METAL_AUTH_TOKEN).SecurePassword
        TotpSecret = [System.Net.NetworkCredential]::new('', $env:METAL_TOTP_SECRET).SecurePassword
    } | Add-Member -MemberType ScriptProperty -Name Sms -Value { , @(Get-Content -LiteralPath $sms) }.GetNewClosure() -PassThru
}
