BeforeDiscovery {
    # The examples as they stand in the pages, the about topic and the README: nothing is copied.
    $root = (Resolve-Path -LiteralPath (Join-Path $PSScriptRoot '../..')).ProviderPath
    $script:examples = @(
        foreach ($file in @(Get-ChildItem -Path "$root/docs/en-US/*-*.md") + (Get-Item -LiteralPath "$root/README.md")) {
            $number = 0
            $text = (Get-Content -LiteralPath $file.FullName -Raw) -replace '\r'
            foreach ($block in [regex]::Matches($text, '(?s)```powershell\n(?<code>.+?)\n```(\s*```Output\n(?<output>.+?)\n```)?')) {
                @{
                    Name   = "$($file.Name), example $((++$number))"
                    Code   = $block.Groups['code'].Value
                    Output = $block.Groups['output'].Value
                }
            }
        }
        $number = 0
        $text = (Get-Content -LiteralPath "$root/docs/en-US/about_EquinixOtp.help.txt" -Raw) -replace '\r'
        foreach ($block in [regex]::Matches($text, '(?m)(^ +(PS>|>>) .*\n)+')) {
            @{
                Name   = "about_EquinixOtp, example $((++$number))"
                Code   = $block.Value -replace '(?m)^ +(PS>|>>) '
                Output = ''
            }
        }
    )
    for ($i = 0; $i -lt $examples.Count; $i++) {
        $examples[$i].Number = $i
    }
    $script:cmdlets = @(Get-ChildItem -Path "$root/docs/en-US/*-*.md").BaseName
}

Describe 'The help' {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        Import-Module $Manifest -Force

        # What differs from run to run becomes its kind.
        function ConvertTo-General {
            param([string] $Text)

            $general = $Text -replace '\r' `
                -replace '\d+/\d+/\d{4} \d+:\d\d:\d\d( [AP]M)? [+-]\d\d:\d\d', 'date' `
                -replace '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'uuid' `
                -replace '\b[a-z2-9]{5}-[a-z2-9]{5}\b', 'code' `
                -replace '\b\d+ ms\b', 'duration' `
                -replace '127\.0\.0\.1:\d+', 'address' `
                -replace '(?m): \d{6}$', ': otp' `
                -replace '(?m): \*+$', ': hidden'
            @($general -split '\n' | ForEach-Object TrimEnd | Where-Object { $_ }) -join "`n"
        }
    }

    Context 'of <_>' -ForEach $cmdlets {
        BeforeAll {
            $script:cmdlet = $_
        }

        It 'is the module''s own, and not made up from the syntax' {
            (Get-Help $cmdlet).description.Text | Should -Not -BeNullOrEmpty
            (Get-Help $cmdlet).Synopsis | Should -Not -Match '\['
        }

        It 'is shown by <Name>' -ForEach @(
            @{ Name = '-Full'; Call = { Get-Help $cmdlet -Full }; Shown = 'SYNOPSIS', 'NOTES', 'Example 3:', 'Default value' }
            @{ Name = '-Examples'; Call = { Get-Help $cmdlet -Examples }; Shown = 'Example 1:', 'Example 3:' }
            @{ Name = '-Parameter *'; Call = { Get-Help $cmdlet -Parameter * }; Shown = '-ApiUrl', '-Token', 'Default value' }
            @{ Name = '-?'; Call = { & $cmdlet -? }; Shown = 'SYNOPSIS', 'DESCRIPTION' }
        ) {
            $text = & $Call | Out-String
            foreach ($part in $Shown) {
                $text | Should -BeLike "*$part*"
            }
            Get-Module -Name Microsoft.PowerShell.PlatyPS | Should -BeNullOrEmpty
        }

        It 'is made from a page that PlatyPS finds right' {
            # In a shell of its own: here, no help may come from PlatyPS.
            $page = (Resolve-Path -LiteralPath (Join-Path $PSScriptRoot "../../docs/en-US/$cmdlet.md")).ProviderPath
            if (-not (Get-Module -Name Microsoft.PowerShell.PlatyPS -ListAvailable)) {
                Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PlatyPS is not installed'
            }
            $shell = Invoke-Shell "Test-MarkdownCommandHelp -Path '$($page -replace "'", "''")'"
            $shell.Text.Trim() | Should -BeExactly 'True'
        }

        It 'leads to the operation online' {
            $link = @((Get-Help $cmdlet).relatedLinks.navigationLink)[0]
            $link.uri | Should -BeLike 'https://*'
            $link.uri | Should -Be (Get-Command $cmdlet).HelpUri
        }
    }

    It 'has a topic about the module' {
        Get-Help about_EquinixOtp | Should -BeLike '*METAL_AUTH_TOKEN*'
    }

    It 'has examples to run' {
        $examples.Count | Should -BeGreaterThan 15
    } -ForEach @{ examples = $examples }

    Context 'examples' -ForEach @{ Examples = $examples } {
        BeforeAll {
            Set-Content -LiteralPath "$TestDrive/examples.json" -Value (ConvertTo-Json @($Examples.Code))
            $script:shell = Receive-Program (Start-Shell "-File `"$PSScriptRoot/Show-Example.ps1`" -Path `"$TestDrive/examples.json`"")
            # The output of each, the errors of each, and at the end what follows the last.
            $script:shown = @($shell.Output -split '(?m)^-- errors: (.*?)\r?$')
        }

        It 'all run' {
            $shown | Should -HaveCount (2 * $Examples.Count + 1) -Because $shell.Text
        }

        It 'has an example that does what it shows: <Name>' -ForEach $Examples {
            $shown[2 * $Number + 1] | Should -Be 0 -Because $shown[2 * $Number]
            if ($Output) {
                ConvertTo-General $shown[2 * $Number] | Should -BeExactly (ConvertTo-General $Output)
            }
        }
    }
}
