<#
.SYNOPSIS
    Builds, tests and packs EquinixOtp.
.DESCRIPTION
    Needs the .NET 10 SDK. Works from any folder. The exit code is that of the first step that fails.
.PARAMETER Task
    build   builds everything; EquinixOtp.psd1 can then be imported
    test    builds, and runs all tests
    docs    generates docs/en-US/EquinixOtp.dll-Help.xml from the Markdown beside it; needs Microsoft.PowerShell.PlatyPS
    package packs into artifacts/package, unpacks the package there, and runs the Pester suite and the tour with it
    tools   installs PSScriptAnalyzer and Microsoft.PowerShell.PlatyPS for the current user from the registered repositories
.EXAMPLE
    ./build.ps1
    Import-Module ./EquinixOtp.psd1

    Builds the module and imports it.
.EXAMPLE
    ./build.ps1 package

    Packs the module and tests the package.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'docs', 'package', 'tools')]
    [string] $Task = 'build'
)

$ErrorActionPreference = 'Stop'
$tools = @{ PSScriptAnalyzer = '1.25.0'; 'Microsoft.PowerShell.PlatyPS' = '1.0.3' }

function Install-Tool {
    foreach ($name in $tools.Keys) {
        Install-PSResource -Name $name -Version $tools[$name] -Scope CurrentUser -TrustRepository -ErrorAction Stop
    }
}

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) {
        exit $LASTEXITCODE
    }
}

function Add-Text {
    param([System.Xml.XmlElement] $To, [string] $Element, [string] $Text)

    $prefix, $name = $Element -split ':'
    $child = $To.OwnerDocument.CreateElement($prefix, $name, $To.GetNamespaceOfPrefix($prefix))
    $child.InnerText = $Text
    $null = $To.AppendChild($child)
}

function Export-Help {
    Import-Module -Name Microsoft.PowerShell.PlatyPS -RequiredVersion $tools['Microsoft.PowerShell.PlatyPS'] -ErrorAction Stop
    $pages = @(Get-ChildItem -Path ./docs/en-US/*-*.md | Sort-Object -Property Name)
    foreach ($page in $pages) {
        if (-not (Test-MarkdownCommandHelp -Path $page)) {
            throw "$page is not a valid help page: $((Test-MarkdownCommandHelp -Path $page -DetailView).Messages -match 'FAIL')"
        }
    }

    $commands = Import-MarkdownCommandHelp -Path $pages.FullName | ForEach-Object { $_ }
    $file = $commands | Export-MamlCommandHelp -OutputFolder ./artifacts/help -Force | ForEach-Object { $_ }
    $maml = [xml]::new()
    $maml.Load($file.FullName)

    # PlatyPS omits default values, and writes examples and links as Markdown.
    foreach ($node in $maml.DocumentElement.ChildNodes) {
        $command = $commands | Where-Object Title -EQ $node['command:details']['command:name'].InnerText
        foreach ($parameter in $node['command:parameters'].ChildNodes) {
            $default = ($command.Parameters | Where-Object Name -EQ $parameter['maml:name'].InnerText).DefaultValue
            Add-Text -To $parameter -Element dev:defaultValue -Text $default
        }
        foreach ($example in $node['command:examples'].ChildNodes) {
            $markdown = $command.Examples | Where-Object Title -EQ $example['maml:title'].InnerText.Trim('-', ' ')
            if ($markdown.Remarks -notmatch '(?s)^(.+?)\s*```powershell\r?\n(.+?)\s*```\s*(?:```Output\r?\n(.+?)\s*```\s*)?(.*)$') {
                throw "$($markdown.Title) of $($command.Title) is not text, code and output in this order."
            }
            # Get-Help prints no empty line between text and code, or between examples.
            $example['maml:introduction'].RemoveAll()
            Add-Text -To $example['maml:introduction'] -Element maml:para -Text "$($Matches[1])`n`n"
            $example['dev:code'].InnerText = $Matches[2]
            $output = if ($Matches[3]) { 'Output:', $Matches[3] }
            foreach ($text in @($output, $Matches[4] | ForEach-Object { $_ } | Where-Object { $_ }) + '') {
                Add-Text -To $example['dev:remarks'] -Element maml:para -Text $text
            }
        }
        foreach ($link in $node['command:relatedLinks'].ChildNodes) {
            $link['maml:uri'].InnerText = $link['maml:uri'].InnerText -replace '^(?!https:).*'
        }
    }

    $settings = [System.Xml.XmlWriterSettings] @{ Indent = $true; NewLineChars = "`n"; Encoding = [System.Text.UTF8Encoding]::new() }
    $writer = [System.Xml.XmlWriter]::Create("$PSScriptRoot/docs/en-US/EquinixOtp.dll-Help.xml", $settings)
    $maml.Save($writer)
    $writer.Dispose()
}

function Expand-Package {
    $package = Get-Item -Path ./artifacts/package/EquinixOtp.*.nupkg
    $folder = "$PSScriptRoot/artifacts/package/EquinixOtp"
    [System.IO.Compression.ZipFile]::ExtractToDirectory($package, $folder)
    "$folder/EquinixOtp.psd1"
}

# dotnet reads global.json from the current folder.
Push-Location -LiteralPath $PSScriptRoot
$manifestBefore = $env:EQUINIXOTP_MANIFEST
try {
    switch ($Task) {
        build { Invoke-DotNet build }
        test { Invoke-DotNet test }
        docs { Export-Help }
        tools { Install-Tool }
        package {
            # The package contains the commit id, and MSBuild does not pack again when only that has changed.
            Remove-Item -Path ./artifacts/package -Recurse -Force -ErrorAction Ignore
            Invoke-DotNet pack src/EquinixOtp
            $env:EQUINIXOTP_MANIFEST = Expand-Package
            Invoke-DotNet test --project tests/EquinixOtp.Pester
            Invoke-DotNet run --project src/EquinixOtp.Playground
        }
    }
} finally {
    $env:EQUINIXOTP_MANIFEST = $manifestBefore
    Pop-Location
}
