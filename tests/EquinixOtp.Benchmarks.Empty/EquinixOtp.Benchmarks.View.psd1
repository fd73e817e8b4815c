@{
    RootModule = 'EquinixOtp.Benchmarks.Empty.dll'
    ModuleVersion = '0.1.0'
    GUID = 'b2b1a1a6-6d0e-4a55-8b0f-7f4c1d7e9a02'
    Author = 'EquinixOtp contributors'
    Description = 'The least that a binary module with a manifest and a view can be.'
    FormatsToProcess = @('EquinixOtp.Benchmarks.View.ps1xml')
    CmdletsToExport = @('Get-Nothing')
    FunctionsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}
