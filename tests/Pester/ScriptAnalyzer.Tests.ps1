# PSScriptAnalyzer finds nothing in the repository's PowerShell.
Describe 'PSScriptAnalyzer' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        $script:analyzer = Import-Module PSScriptAnalyzer -MinimumVersion 1.25 -PassThru -ErrorAction Ignore
        $script:repository = (Resolve-Path (Join-Path $PSScriptRoot '../..')).ProviderPath
        # The casing and parameters of its cmdlets are known only when they are.
        Import-Module $Manifest

        function Find-Problem([string] $Path) {
            $settings = Join-Path $repository 'PSScriptAnalyzerSettings.psd1'
            Invoke-ScriptAnalyzer -Path $Path -Recurse -Settings $settings |
                ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" }
        }
    }

    BeforeEach {
        if (-not $analyzer) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer 1.25 is not installed'
        }
    }

    It 'finds nothing in <_>' -ForEach @(
        'build.ps1'
        'PSScriptAnalyzerSettings.psd1'
        'src'
        'tests'
        'docs'
    ) {
        $path = Join-Path $repository $_
        $path | Should -Exist
        Find-Problem $path | Should -BeNullOrEmpty
    }

    It 'finds nothing in the manifest' {
        # The one under test: the checkout's names files that only a build puts there.
        Find-Problem $Manifest | Should -BeNullOrEmpty
    }

    It 'finds something where there is something' {
        Set-Content -LiteralPath "$TestDrive/bad.ps1" -Value 'gci; if ($a) {"b"}'
        Find-Problem "$TestDrive/bad.ps1" | Should -Match 'PSAvoidUsingCmdletAliases|PSUseConsistentWhitespace'
    }
}
