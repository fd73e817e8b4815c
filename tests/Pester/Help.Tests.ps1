BeforeDiscovery {
    # Read from the pages, the about topic and the README.
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

BeforeAll {
    . $PSScriptRoot/Emulator.ps1
    Import-Module $Manifest -Force
    $script:pages = (Resolve-Path -LiteralPath (Join-Path $PSScriptRoot '../../docs/en-US')).ProviderPath

    function Get-Page([string] $Name) {
        (Get-Content -LiteralPath "$pages/$Name.md" -Raw) -replace '\r'
    }

    function Compress-Text($Text) {
        -join $Text -replace '\s'
    }
}

Describe 'The help of <_>' -ForEach $cmdlets {
    BeforeAll {
        $script:cmdlet = $_
        $script:command = Get-Command $cmdlet
        $script:page = Get-Page $cmdlet
        $script:help = Get-Help $cmdlet -Full
    }

    It 'declares the parameters of the cmdlet' {
        $instance = [Activator]::CreateInstance($command.ImplementingType)
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        foreach ($parameter in $command.Parameters.Values | Where-Object Name -NotIn $common) {
            $default = switch ($parameter.Name) {
                Token { '$env:METAL_AUTH_TOKEN' }
                ApiUrl { '$env:METAL_API_URL' }
                { $_ -in 'WhatIf', 'Confirm' } { 'False' }
                default { if ($null -eq $instance.$_) { 'None' } else { "$($instance.$_)" } }
            }
            $sets = foreach ($set in $parameter.ParameterSets.GetEnumerator()) {
                "- Name: $($set.Key -replace '^__AllParameterSets$', '(All)')"
                "  Position: $(if ($set.Value.Position -lt 0) { 'Named' } else { $set.Value.Position })"
                "  IsRequired: $($set.Value.IsMandatory)"
                "  ValueFromPipeline: $($set.Value.ValueFromPipeline)"
                "  ValueFromPipelineByPropertyName: $($set.Value.ValueFromPipelineByPropertyName)"
            }
            $aliases = if ($parameter.Aliases) { "Aliases:`n- $($parameter.Aliases -join "`n- ")" } else { 'Aliases: []' }
            $yaml = [regex]::Match($page, "(?ms)^### -$($parameter.Name)\n.+?``````yaml\n(.+?)``````").Groups[1].Value
            $yaml -replace "(?s)\s+ValueFromRemaining.+" | Should -Be (@(
                    "Type: $($parameter.ParameterType.FullName)"
                    "DefaultValue: $default"
                    'SupportsWildcards: false'
                    $aliases
                    'ParameterSets:'
                ) + $sets -join "`n")

            $shown = $help.parameters.parameter | Where-Object Name -EQ $parameter.Name
            $shown.type.name | Should -Be $parameter.ParameterType.FullName
            $shown.required | Should -Be ([string] [bool] ($sets -like '*IsRequired: True'))
            $shown.position | Should -Be (@($sets -like '*Position: *')[0] -replace '.+: ')
            $shown.pipelineInput -match 'ByValue' | Should -Be ([bool] ($sets -like '*Pipeline: True'))
            $shown.pipelineInput -match 'ByPropertyName' | Should -Be ([bool] ($sets -like '*Name: True'))
            $shown.defaultValue | Should -Be $default
            $shown.aliases | Should -Be $(if ($parameter.Aliases) { $parameter.Aliases -join ', ' } else { 'none' })
        }
    }

    It 'has the syntax of the cmdlet' {
        $syntax = Compress-Text ($command.ParameterSets | ForEach-Object { "$cmdlet $_" })
        Compress-Text ($help.syntax | Out-String -Width 1000) | Should -BeExactly $syntax
        $section = [regex]::Match($page, '(?s)\n## SYNTAX\n(.+?)\n## ').Groups[1].Value
        Compress-Text ([regex]::Matches($section, '(?s)```\n(.+?)```') | ForEach-Object { $_.Groups[1].Value }) | Should -BeExactly $syntax
    }

    It 'names the types that the cmdlet accepts from the pipeline and emits' {
        $piped = $command.ParameterSets.Parameters | Where-Object { $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName }
        $help.inputTypes.inputType.type.name.Trim() | Sort-Object | Should -Be ($piped.ParameterType.FullName | Sort-Object -Unique)
        $help.returnValues.returnValue.type.name.Trim() | Should -Be $command.OutputType.Name
    }

    It 'has all the text of its page, and no other' {
        $texts = @(
            $help.Synopsis
            $help.description.Text
            $help.alertSet.alert.Text
            foreach ($item in @($help.parameters.parameter)) { "-$($item.name)"; $item.description.Text }
            foreach ($item in @($help.inputTypes.inputType) + @($help.returnValues.returnValue)) { $item.type.name; $item.description.Text }
            foreach ($item in @($help.examples.example)) {
                $item.title.Trim('-', ' '); $item.introduction.Text; $item.code; $item.remarks.Text
            }
            $help.relatedLinks.navigationLink.linkText | Where-Object { $_ -ne 'Online Version' } | ForEach-Object { "-[$_]()" }
        )
        # Without the parts that Get-Help takes from other sources: metadata, syntax, aliases, headings, common parameters.
        $rest = $page -replace '(?s)^---.+?\n---\n' -replace '(?s)\n## SYNTAX\n.+?(?=\n## DESCRIPTION)' -replace '(?m)^##? .+$' `
            -replace '(?s)```yaml.+?```' -replace '(?m)^```\w*$' -replace '(?s)### CommonParameters.+?(?=\n\n\n)' -replace '(?m)^### ' `
            -replace '(?m)(?<=^- \[.+\])\(.+\)$', '()'
        $rest = Compress-Text $rest
        $texts = $texts | ForEach-Object { Compress-Text $_ } | Where-Object { $_ -and $_ -ne 'Output:' }
        foreach ($text in $texts | Sort-Object Length -Descending) {
            $rest | Should -Match ([regex]::Escape($text))
            $rest = $rest.Remove($rest.IndexOf($text), $text.Length)
        }
        $rest | Should -BeExactly ''
    }

    It 'says what to do about each error' {
        $ids = [EquinixOtp.MetalErrorId].GetFields().Name
        $others = if ($cmdlet -eq 'Confirm-MetalOtp') { 'AmbiguousIdentity' } else { 'InvalidOtp', 'InvalidTotpSecret', 'OtpRejected' }
        [regex]::Matches($help.alertSet.alert.Text -join "`n", '(?m)^- (\w+): ').ForEach({ $_.Groups[1].Value }) |
            Should -Be ($ids | Where-Object { $_ -notin $others })
    }

    It 'links to the operation online' {
        $link = @($help.relatedLinks.navigationLink)[0]
        $link.uri | Should -BeLike 'https://*'
        $link.uri | Should -Be $command.HelpUri
    }

    It 'is shown by <Name>' -ForEach @(
        @{ Name = '-?'; Call = { & $cmdlet -? } }
        @{ Name = 'Get-Help'; Call = { Get-Help $cmdlet } }
    ) {
        & $Call | Out-String | Should -BeLike "*$($help.Synopsis)*"
    }

    It 'has a page that PlatyPS accepts' {
        if (-not (Get-Module -Name Microsoft.PowerShell.PlatyPS -ListAvailable)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PlatyPS is not installed'
        }
        # In another shell: the module would add help to this one.
        $run = Invoke-Shell "Test-MarkdownCommandHelp -Path '$("$pages/$cmdlet.md" -replace "'", "''")'"
        $run.Text.Trim() | Should -BeExactly 'True'
    }
}

Describe 'The help' {
    It 'has a page for each cmdlet and for nothing else' {
        (Get-ChildItem -Path "$pages/*.md").BaseName | Sort-Object |
            Should -Be (@((Get-Module EquinixOtp).ExportedCmdlets.Keys) + 'EquinixOtp' | Sort-Object)
    }

    It 'describes a parameter of all cmdlets with the same words' {
        $parameters = $cmdlets | ForEach-Object { (Get-Help $_ -Full).parameters.parameter }
        $shared = $parameters | Group-Object name | Where-Object Count -EQ 4
        $shared | Should -HaveCount 8
        $shared | ForEach-Object { $_.Group | ForEach-Object { -join $_.description.Text } | Select-Object -Unique } | Should -HaveCount 8
    } -ForEach @{ cmdlets = $cmdlets }

    It 'has a page about this module' {
        $module = Get-Module EquinixOtp
        $page = Get-Page EquinixOtp
        $page | Should -Match "Module Guid: $($module.Guid)"
        Compress-Text $page | Should -BeLike "*$(Compress-Text $module.Description)*"
        $module.ExportedCmdlets.Keys | ForEach-Object {
            Compress-Text $page | Should -BeLike (Compress-Text "*``[$_``]($_.md)$((Get-Help $_).Synopsis)*")
        }
    }

    It 'has a topic that names each error id, environment variable and cmdlet, in lines of up to 80 characters' {
        $topic = Get-Help about_EquinixOtp | Out-String -Width 200
        foreach ($word in [EquinixOtp.MetalErrorId].GetFields().Name + $MetalVariables + (Get-Module EquinixOtp).ExportedCmdlets.Keys) {
            $topic | Should -Match $word
        }
        $topic -split '\r?\n' | Where-Object { $_.TrimEnd().Length -gt 80 } | Should -BeNullOrEmpty
    }

    Context 'examples' -ForEach @{ Examples = $examples } {
        BeforeAll {
            # Replaces values that differ between runs by their kind.
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

            Set-Content -LiteralPath "$TestDrive/examples.json" -Value (ConvertTo-Json @($Examples.Code))
            $script:shell = Receive-Program (Open-Shell "-File `"$PSScriptRoot/Show-Example.ps1`" -Path `"$TestDrive/examples.json`"")
            # The output and the number of errors of each example, then the output after the last.
            $script:shown = @($shell.Output -split '(?m)^-- errors: (.*?)\r?$')
        }

        It 'run' {
            $Examples.Count | Should -BeGreaterThan 15
            $shown | Should -HaveCount (2 * $Examples.Count + 1) -Because $shell.Text
        }

        It 'include one with the output that it shows: <Name>' -ForEach $Examples {
            $shown[2 * $Number + 1] | Should -Be 0 -Because $shown[2 * $Number]
            if ($Output) {
                ConvertTo-General $shown[2 * $Number] | Should -BeExactly (ConvertTo-General $Output)
            }
        }
    }
}
