<#
.SYNOPSIS
    Builds and tests EquinixOtp.
.DESCRIPTION
    For people with PowerShell; MSBuild does the work. Needs the .NET 10 SDK, Pester 5.7 for the Pester suite, and
    Microsoft.PowerShell.PlatyPS 1.0 for the help. Installs nothing. Works from any folder. The exit code is that of the first step that fails.
.PARAMETER Task
    build   builds everything; the module then lies beside EquinixOtp.psd1, to be imported in place
    test    builds, and runs all tests: dotnet test, then the Pester suite
    pester  builds, and runs the Pester suite alone
    docs    checks the pages in docs/en-US, and makes of them what Get-Help shows
    package builds, packs into artifacts/package, unpacks that there as an installer does, and runs its Pester suite and the tour
.EXAMPLE
    ./build.ps1
    Import-Module ./EquinixOtp.psd1

    Builds the module and imports it.
.EXAMPLE
    ./build.ps1 test

    Runs all tests. The last line gives the Pester suite's totals.
.EXAMPLE
    ./build.ps1 package

    Makes the package, and tests what people would install of it.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'pester', 'docs', 'package')]
    [string] $Task = 'build'
)

$ErrorActionPreference = 'Stop'

function Invoke-Step {
    param([string] $Program, [string[]] $With)

    & $Program @With
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
    Import-Module -Name Microsoft.PowerShell.PlatyPS -ErrorAction Stop
    $pages = @(Get-ChildItem -Path ./docs/en-US/*-*.md | Sort-Object -Property Name)
    foreach ($page in $pages) {
        if (-not (Test-MarkdownCommandHelp -Path $page)) {
            throw "$page isn't a command's page: $((Test-MarkdownCommandHelp -Path $page -DetailView).Messages -match 'FAIL')"
        }
    }

    $commands = Import-MarkdownCommandHelp -Path $pages.FullName | ForEach-Object { $_ }
    $file = $commands | Export-MamlCommandHelp -OutputFolder ./artifacts/help -Force | ForEach-Object { $_ }
    $maml = [xml]::new()
    $maml.Load($file.FullName)

    # PlatyPS leaves defaults out, and examples and links in Markdown.
    foreach ($node in $maml.DocumentElement.ChildNodes) {
        $command = $commands | Where-Object Title -EQ $node['command:details']['command:name'].InnerText
        foreach ($parameter in $node['command:parameters'].ChildNodes) {
            $default = ($command.Parameters | Where-Object Name -EQ $parameter['maml:name'].InnerText).DefaultValue
            Add-Text -To $parameter -Element dev:defaultValue -Text $default
        }
        foreach ($example in $node['command:examples'].ChildNodes) {
            $markdown = $command.Examples | Where-Object Title -EQ $example['maml:title'].InnerText.Trim('-', ' ')
            if ($markdown.Remarks -notmatch '(?s)^(.+?)\s*```powershell\r?\n(.+?)\s*```\s*(?:```Output\r?\n(.+?)\s*```\s*)?(.*)$') {
                throw "$($markdown.Title) of $($command.Title) isn't text, code and output."
            }
            # Get-Help leaves no room between text and code, and between an example and the next.
            $example['maml:introduction'].RemoveAll()
            Add-Text -To $example['maml:introduction'] -Element maml:para -Text "$($Matches[1])`n`n"
            $example['dev:code'].InnerText = $Matches[2]
            foreach ($text in @($Matches[3], $Matches[4] | Where-Object { $_ }) + '') {
                Add-Text -To $example['dev:remarks'] -Element maml:para -Text $text
            }
        }
        foreach ($link in $node['command:relatedLinks'].ChildNodes) {
            $link['maml:uri'].InnerText = $link['maml:uri'].InnerText -replace '^(?!https:).*'
        }
    }

    $settings = [System.Xml.XmlWriterSettings] @{ Indent = $true; NewLineChars = "`n"; Encoding = [System.Text.UTF8Encoding]::new() }
    $writer = [System.Xml.XmlWriter]::Create("$PSScriptRoot/en-US/EquinixOtp.dll-Help.xml", $settings)
    $maml.Save($writer)
    $writer.Dispose()
}

function Expand-Package {
    $version = (Import-PowerShellDataFile -LiteralPath ./EquinixOtp.psd1).ModuleVersion
    $folder = "$PSScriptRoot/artifacts/package/EquinixOtp"
    [System.IO.Compression.ZipFile]::ExtractToDirectory("$folder.$version.nupkg", "$folder/$version")
    foreach ($partOfTheForm in 'EquinixOtp.nuspec', '[Content_Types].xml', '_rels', 'package') {
        Remove-Item -LiteralPath "$folder/$version/$partOfTheForm" -Recurse -Force
    }
    "$folder/$version/EquinixOtp.psd1"
}

$manifestBefore = $env:EQUINIXOTP_MANIFEST
# global.json counts from the current folder.
Push-Location -LiteralPath $PSScriptRoot
try {
    if ($Task -eq 'docs') {
        Export-Help
        return
    }

    Invoke-Step dotnet 'build'
    if ($Task -eq 'test') {
        Invoke-Step dotnet 'test'
    }
    $manifest = @()
    if ($Task -eq 'package') {
        # The package names its commit, and for a new commit alone MSBuild doesn't pack anew.
        Remove-Item -Path ./artifacts/package -Recurse -Force -ErrorAction Ignore
        Invoke-Step dotnet 'pack', 'src/EquinixOtp', '--no-build'
        $manifest = '-Manifest', (Expand-Package)
    }
    if ($Task -ne 'build') {
        # In a shell of its own: this one may have loaded the module before it was built anew.
        # Of PowerShell as a .NET tool, the process is dotnet's.
        $shell = (Get-Process -Id $PID).Path -replace '^.*[\\/]dotnet(\.exe)?$', 'pwsh'
        Invoke-Step $shell (@('-NoProfile', '-File', './tests/Pester/Run.ps1') + $manifest)
    }
    if ($Task -eq 'package') {
        $env:EQUINIXOTP_MANIFEST = $manifest[1]
        Invoke-Step dotnet 'run', '--project', 'src/EquinixOtp.Playground'
    }
} finally {
    $env:EQUINIXOTP_MANIFEST = $manifestBefore
    Pop-Location
}
