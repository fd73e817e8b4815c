@{
    RootModule             = 'bin/EquinixOtp.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = 'ed4506a4-f5e4-4770-ba88-a6a0e11fb464'
    Author                 = 'EquinixOtp contributors'
    CompanyName            = 'EquinixOtp contributors'
    Copyright              = '(c) EquinixOtp contributors. MIT licence.'
    Description            = 'One-time passwords and recovery codes of the Equinix Metal API: confirm an OTP, have one sent by SMS, list and reset recovery codes.'
    CompatiblePSEditions   = @('Core', 'Desktop')
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess       = @('bin/EquinixOtp.Format.ps1xml')
    CmdletsToExport        = @('Confirm-MetalOtp', 'Get-MetalRecoveryCode', 'Reset-MetalRecoveryCode', 'Send-MetalOtpSms')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Prerelease   = 'preview1'
            Tags         = @(
                'Equinix', 'EquinixMetal', 'Metal', 'OTP', 'TOTP', '2FA', 'MFA', 'RecoveryCodes'
                # Find-PSResource -CommandName finds these, in a folder's repository only if they are here.
                'PSCommand_Confirm-MetalOtp', 'PSCommand_Get-MetalRecoveryCode', 'PSCommand_Reset-MetalRecoveryCode', 'PSCommand_Send-MetalOtpSms'
            )
            LicenseUri   = 'https://opensource.org/license/mit'
            ProjectUri   = 'https://github.com/EquinixOtp/EquinixOtp'
            IconUri      = 'https://raw.githubusercontent.com/EquinixOtp/EquinixOtp/main/docs/icon.png'
            ReleaseNotes = 'https://github.com/EquinixOtp/EquinixOtp/blob/main/CHANGELOG.md'
        }
    }
}
