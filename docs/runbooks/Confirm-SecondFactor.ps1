#Requires -Modules EquinixOtp
<#
.SYNOPSIS
    Confirms the second factor with nobody at the keyboard: token and TOTP secret come from the environment.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Confirm-SecondFactor.ps1
#>
$ErrorActionPreference = 'Stop'

if (-not $env:METAL_TOTP_SECRET) {
    throw 'METAL_TOTP_SECRET is not set: give it from the secret store, to this step only.'
}

$secret = [System.Net.NetworkCredential]::new('', $env:METAL_TOTP_SECRET).SecurePassword
$confirmation = Confirm-MetalOtp -TotpSecret $secret
$confirmation

# What needs the second factor follows here, with the session token when the API sent one.
$metal = @{}
if ($confirmation.SessionToken) {
    $metal.Token = $confirmation.SessionToken
}
$codes = @(Get-MetalRecoveryCode @metal)
"The account has $($codes.Count) recovery codes."
