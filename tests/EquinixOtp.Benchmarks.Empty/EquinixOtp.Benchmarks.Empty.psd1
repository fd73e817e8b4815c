@{
    RootModule = 'EquinixOtp.Benchmarks.Empty.dll'
    ModuleVersion = '0.1.0'
    GUID = '5f0f7a2c-3d0b-4c0e-9a57-0d8c2a1b6e11'
    Author = 'EquinixOtp contributors'
    Description = 'The least that a binary module with a manifest can be.'
    CmdletsToExport = @('Get-Nothing')
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}
