# PSScriptAnalyzer finds nothing in the repository's PowerShell, its documents' included.
BeforeDiscovery {
    $root = (Resolve-Path -LiteralPath (Join-Path $PSScriptRoot '../..')).ProviderPath
    $script:blocks = @(
        foreach ($file in @(Get-Item -LiteralPath "$root/README.md") + (Get-ChildItem -Path "$root/docs" -Filter *.md -Recurse)) {
            $text = (Get-Content -LiteralPath $file.FullName -Raw) -replace '\r'
            foreach ($block in [regex]::Matches($text, '(?s)```powershell\n(?<code>.+?)\n```')) {
                @{
                    Name = "$($file.Name), line $(($text.Substring(0, $block.Index) -split '\n').Count)"
                    Code = $block.Groups['code'].Value
                }
            }
        }
    )
}

Describe 'PSScriptAnalyzer' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        $script:analyzer = Import-Module PSScriptAnalyzer -MinimumVersion 1.25 -PassThru -ErrorAction Ignore
        $script:repository = (Resolve-Path (Join-Path $PSScriptRoot '../..')).ProviderPath
        # The casing and parameters of its cmdlets are known only when they are.
        Import-Module $Manifest

        $script:settings = Join-Path $repository 'PSScriptAnalyzerSettings.psd1'

        function Format-Problem {
            process {
                "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)"
            }
        }

        function Find-Problem([string] $Path) {
            Invoke-ScriptAnalyzer -Path $Path -Recurse -Settings $settings | Format-Problem
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

    It 'finds nothing in the block of <Name>' -ForEach $blocks {
        Invoke-ScriptAnalyzer -ScriptDefinition $Code -Settings $settings | Format-Problem | Should -BeNullOrEmpty
    }

    It 'has blocks to look at' -ForEach @{ count = $blocks.Count } {
        $count | Should -BeGreaterThan 20
    }

    It 'finds something where there is something' {
        Set-Content -LiteralPath "$TestDrive/bad.ps1" -Value 'gci; if ($a) {"b"}'
        Find-Problem "$TestDrive/bad.ps1" | Should -Match 'PSAvoidUsingCmdletAliases|PSUseConsistentWhitespace'
    }
}
