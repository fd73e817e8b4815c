# PSScriptAnalyzer finds no problem in the repository's scripts, or in the PowerShell blocks of its documents.
Describe 'PSScriptAnalyzer' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        $script:analyzer = Import-Module PSScriptAnalyzer -MinimumVersion 1.25 -PassThru -ErrorAction Ignore
        $script:repository = (Resolve-Path (Join-Path $PSScriptRoot '../..')).ProviderPath
        # PSScriptAnalyzer knows the casing and the parameters of the module's cmdlets only if the module is imported.
        Import-Module $Manifest

        # One rule at a time: concurrent rules share runspaces, which corrupts the runspaces and may end the process
        # (github.com/PowerShell/PSScriptAnalyzer/issues/2205).
        function Find-Problem([string] $Path) {
            $settings = Join-Path $repository 'PSScriptAnalyzerSettings.psd1'
            foreach ($rule in (Get-ScriptAnalyzerRule).RuleName) {
                Invoke-ScriptAnalyzer -Path $Path -Recurse -Settings $settings -IncludeRule $rule -ErrorAction Stop |
                    ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" }
            }
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
        Find-Problem (Join-Path $repository $_) | Should -BeNullOrEmpty
    }

    It 'finds nothing in the manifest' {
        # The manifest under test: that of the checkout names files that only a build creates.
        Find-Problem $Manifest | Should -BeNullOrEmpty
    }

    It 'finds nothing in the documents'' blocks' {
        $folder = New-Item -ItemType Directory -Path "$TestDrive/blocks"
        $documents = @(Get-Item -LiteralPath "$repository/README.md") + (Get-ChildItem -Path "$repository/docs" -Filter *.md -Recurse)
        foreach ($document in $documents) {
            $text = (Get-Content -LiteralPath $document.FullName -Raw) -replace '\r'
            foreach ($block in [regex]::Matches($text, '(?s)```powershell\n(?<code>.+?)\n```')) {
                $line = ($text.Substring(0, $block.Index) -split '\n').Count
                New-Item -Path "$folder/$($document.Name), line $line.ps1" -Value $block.Groups['code'].Value -ErrorAction Stop
            }
        }

        (Get-ChildItem $folder).Count | Should -BeGreaterThan 20
        Find-Problem $folder | Should -BeNullOrEmpty
    }

    It 'finds a problem in a bad script' {
        Set-Content -LiteralPath "$TestDrive/bad.ps1" -Value 'gci; if ($a) {"b"}'
        $found = Find-Problem "$TestDrive/bad.ps1"
        @($found) -match 'PSAvoidUsingCmdletAliases' | Should -HaveCount 1
        @($found) -match 'PSUseConsistentWhitespace' | Should -HaveCount 2
    }
}
