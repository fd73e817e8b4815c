#Requires -Modules EquinixOtp

<#
.SYNOPSIS
    Confirms the second factor unattended, with a token and a TOTP secret from environment variables.
.DESCRIPTION
    Reads METAL_AUTH_TOKEN and METAL_TOTP_SECRET. Then counts the recovery codes as the confirmed user: replace this last step with
    the work that needs the second factor. Exits with 1 if a step fails.
.EXAMPLE
    pwsh -NoProfile -NonInteractive -File Confirm-SecondFactor.ps1
#>
$ErrorActionPreference = 'Stop'

if (-not $env:METAL_TOTP_SECRET) {
    throw 'METAL_TOTP_SECRET is not set. Set it from the secret store, for this step only.'
}

$secret = [System.Net.NetworkCredential]::new('', $env:METAL_TOTP_SECRET).SecurePassword
$confirmation = Confirm-MetalOtp -TotpSecret $secret
$confirmation

# The pipeline carries the user, the API and the session token, if the API sent one.
$codes = @($confirmation | Get-MetalRecoveryCode)
"The account has $($codes.Count) recovery codes."
