# The cmdlets of EquinixOtp:
Get-Command -Module EquinixOtp
#? $Output.Count -eq 4

# METAL_API_URL and METAL_AUTH_TOKEN are set to the URL and token of an emulator on this machine.
$Emulator.Url.AbsoluteUri
#? $Output[0] -eq $env:METAL_API_URL

# Request a one-time password by SMS. The emulator shows the SMS that it would send.
Send-MetalOtpSms
#? $Output.Count -eq 0
#? $Emulator.Sms.Count -eq 1

$Emulator.Sms[-1]
#? $Output[0] -match '^\d{6}$'

# Confirm with the code of the SMS. -Verbose shows the request with a masked code.
Confirm-MetalOtp $Emulator.Sms[-1] -Verbose
#? $Output[0] -is [EquinixOtp.OtpConfirmation]

# Confirm without a user: the module computes the code from the secret of an authenticator app.
Confirm-MetalOtp -TotpSecret $Emulator.TotpSecret
#? $Output[0] -is [EquinixOtp.OtpConfirmation]

# List the recovery codes. They are masked, so that logs do not contain them.
Get-MetalRecoveryCode
#? $Output.Count -eq 10
#? $Output[0].Code -is [securestring]

# -AsPlainText returns them as strings.
$codes = Get-MetalRecoveryCode -AsPlainText

$codes
#? $Output.Count -eq 10
#? -not $Output.Where({ $_ -isnot [string] })

# Replace all recovery codes. -WhatIf shows what would happen.
Reset-MetalRecoveryCode -WhatIf
#? $Output.Count -eq 0
#? "$(Get-MetalRecoveryCode -AsPlainText)" -ceq "$codes"

# Without -WhatIf, the cmdlet asks for confirmation. -Confirm:$false skips the question.
Reset-MetalRecoveryCode -AsPlainText -Confirm:$false
#? $Output.Count -eq 10
#? -not $Output.Where({ $_ -in $codes })
#? "$(Get-MetalRecoveryCode -AsPlainText)" -ceq "$Output"

# An invalid code is an error.
Confirm-MetalOtp '000000'
#? $Output[0].FullyQualifiedErrorId -like 'OtpRejected,*'
#? $Error[0] -eq $Output[0]

# A script can catch the error by its id.
try {
    Confirm-MetalOtp '000000' -ErrorAction Stop
} catch {
    if ($_.FullyQualifiedErrorId -notlike 'OtpRejected,*') { throw }
    "Rejected with status $([int]$_.Exception.StatusCode): $($_.Exception.Errors)"
}
#? $Output[0] -eq 'Rejected with status 424: Invalid OTP'
#? $Error[0].Exception -is [EquinixOtp.MetalApiException]
