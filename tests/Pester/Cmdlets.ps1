# The cmdlets, each with the parameters that make a call without a prompt.
@{ Name = 'Confirm-MetalOtp'; Own = @{ Otp = 'wrong-otp'; Quiet = $true } }
@{ Name = 'Get-MetalRecoveryCode'; Own = @{ } }
@{ Name = 'Send-MetalOtpSms'; Own = @{ } }
@{ Name = 'Reset-MetalRecoveryCode'; Own = @{ Confirm = $false } }
