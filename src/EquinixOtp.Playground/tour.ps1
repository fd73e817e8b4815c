# The commands of EquinixOtp:
Get-Command -Module EquinixOtp
#? $Output.Count -eq 4

# The environment (METAL_API_URL, METAL_AUTH_TOKEN) has them call an emulator of the API on this machine.
$Emulator.Url.AbsoluteUri
#? $Output[0] -eq $env:METAL_API_URL

# Have a one-time password sent by SMS. It arrives at the emulator's phone.
Send-MetalOtpSms
#? $Output.Count -eq 0
#? $Emulator.Sms.Count -eq 1

$Emulator.Sms[-1]
#? $Output[0] -match '^\d{6}$'

# Confirm with the code that arrived. -Verbose shows the call, and not the code.
Confirm-MetalOtp $Emulator.Sms[-1] -Verbose
#? $Output[0] -is [EquinixOtp.OtpConfirmation]

# Confirm unattended: the secret of the authenticator app makes the code of this half minute.
Confirm-MetalOtp -TotpSecret $Emulator.TotpSecret
#? $Output[0] -is [EquinixOtp.OtpConfirmation]

# List the recovery codes. They are masked, so that no log shows them...
Get-MetalRecoveryCode
#? $Output.Count -eq 10
#? $Output[0].Code -is [securestring]

# ... unless one asks for plain text.
$codes = Get-MetalRecoveryCode -AsPlainText

$codes
#? $Output.Count -eq 10
#? -not $Output.Where({ $_ -isnot [string] })

# Replace them all. -WhatIf says what would happen, and changes nothing.
Reset-MetalRecoveryCode -WhatIf
#? $Output.Count -eq 0
#? "$(Get-MetalRecoveryCode -AsPlainText)" -ceq "$codes"

# For real, this asks for confirmation, unless it is told not to.
Reset-MetalRecoveryCode -AsPlainText -Confirm:$false
#? $Output.Count -eq 10
#? -not $Output.Where({ $_ -in $codes })
#? "$(Get-MetalRecoveryCode -AsPlainText)" -ceq "$Output"

# A wrong code is an error, which says what to do...
Confirm-MetalOtp '000000'
#? $Output[0].FullyQualifiedErrorId -like 'OtpRejected,*'
#? $Error[0] -eq $Output[0]

# ... and which a script can catch by its id.
try {
    Confirm-MetalOtp '000000' -ErrorAction Stop
} catch {
    if ($_.FullyQualifiedErrorId -notlike 'OtpRejected,*') { throw }
    "Rejected with status $([int]$_.Exception.StatusCode): $($_.Exception.Errors)"
}
#? $Output[0] -eq 'Rejected with status 424: Invalid OTP'
#? $Error[0].Exception -is [EquinixOtp.MetalApiException]
