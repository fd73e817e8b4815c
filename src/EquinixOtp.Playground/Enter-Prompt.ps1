# Runs before the first prompt of -Interactive. The history file of the user is neither read nor written.
Set-PSReadLineOption -HistorySavePath (Join-Path ([System.IO.Path]::GetTempPath()) "$([guid]::NewGuid()).txt") -HistorySaveStyle SaveNothing

@"
PowerShell $($PSVersionTable.PSVersion) with EquinixOtp $((Get-Module EquinixOtp).Version)
Emulator of the API: $($Emulator.Url)

  Send-MetalOtpSms
  Confirm-MetalOtp `$Emulator.Sms[-1]
  Get-MetalRecoveryCode
  Get-Help Confirm-MetalOtp -Examples

Type exit to stop PowerShell and the emulator.

"@
