<#
    The package, installed as users do it. EQUINIXOTP_PACKAGE names it; dotnet test packs one. The shells have a home of their own.
#>
BeforeDiscovery {
    # On Windows, environment variables do not redirect modules and settings: install only on a CI machine.
    $script:mayInstall = $env:EQUINIXOTP_PACKAGE -and ($env:OS -ne 'Windows_NT' -or $env:CI -eq 'true')
    $script:hasPSResourceGet = [bool] (Get-Module Microsoft.PowerShell.PSResourceGet -ListAvailable)
    $script:hasPowerShellGet = [bool] (Get-Module PowerShellGet -ListAvailable | Where-Object Version -GE '2.0')
}

Describe 'The package' -Skip:(-not $mayInstall) {
    BeforeAll {
        . $PSScriptRoot/Emulator.ps1
        $script:environment = Save-MetalEnvironment
        $script:emulator = Open-Emulator
        Use-Emulator $emulator

        $file = [regex]::Match((Split-Path $env:EQUINIXOTP_PACKAGE -Leaf), '^EquinixOtp\.(([0-9.]+)(-.+)?)\.nupkg$')
        $script:packageVersion, $script:version = $file.Groups[1, 2].Value
        $script:feed = (New-Item -ItemType Directory -Path "$TestDrive/feed").FullName
        Copy-Item -LiteralPath $env:EQUINIXOTP_PACKAGE -Destination $feed
        $script:saved = (New-Item -ItemType Directory -Path "$TestDrive/saved").FullName

        $script:homes = @{}
        foreach ($name in 'HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'PSModulePath') {
            $homes[$name] = [Environment]::GetEnvironmentVariable($name)
        }

        function Use-NewHome([string] $Name) {
            $env:HOME = (New-Item -ItemType Directory -Path "$TestDrive/$Name").FullName
            $folders = @{ XDG_DATA_HOME = '.local/share'; XDG_CONFIG_HOME = '.config'; XDG_CACHE_HOME = '.cache' }
            foreach ($variable in $folders.Keys) {
                # .NET ignores a folder that does not exist, and PSResourceGet then writes to the current one.
                $folder = New-Item -ItemType Directory -Path "$env:HOME/$($folders[$variable])"
                [Environment]::SetEnvironmentVariable($variable, $folder.FullName)
            }
            $env:PSModulePath = $null
        }

        function Add-NextVersion {
            # The same package as the next version.
            Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
            $next = "$feed/EquinixOtp.99.0.0.nupkg"
            Copy-Item -LiteralPath $env:EQUINIXOTP_PACKAGE -Destination $next
            $archive = [System.IO.Compression.ZipFile]::Open($next, 'Update')
            foreach ($file in 'EquinixOtp.psd1', 'EquinixOtp.nuspec') {
                $stream = $archive.GetEntry($file).Open()
                $text = [System.IO.StreamReader]::new($stream).ReadToEnd()
                $text = $text -replace "(ModuleVersion\s*=\s*'|<version>)[^'<]+", '${1}99.0.0' -replace "Prerelease\s*=\s*'[^']+'"
                $bytes = [System.Text.Encoding]::UTF8.GetBytes($text)
                $stream.SetLength(0)
                $stream.Write($bytes, 0, $bytes.Length)
                $stream.Dispose()
            }
            $archive.Dispose()
        }
    }

    AfterAll {
        $emulator | Close-Emulator
        Restore-MetalEnvironment $environment
        foreach ($name in $homes.Keys) {
            [Environment]::SetEnvironmentVariable($name, $homes[$name])
        }
    }

    # Windows PowerShell does not include PSResourceGet.
    Context 'with PSResourceGet' -Skip:(-not $hasPSResourceGet) {
        BeforeAll {
            Use-NewHome PSResourceGet
        }

        It 'is found by name, tag and command, saved and installed' {
            $shell = Invoke-Shell @"
                `$ErrorActionPreference = 'Stop'
                Register-PSResourceRepository -Name Local -Uri '$feed' -Trusted
                (Find-PSResource -Name EquinixOtp -Prerelease -Repository Local).Version.ToString()
                (Find-PSResource -Tag RecoveryCodes -Prerelease -Repository Local).Name
                `$commands = 'Confirm-MetalOtp', 'Get-MetalRecoveryCode', 'Reset-MetalRecoveryCode', 'Send-MetalOtpSms'
                (Find-PSResource -CommandName `$commands -Prerelease -Repository Local).ParentResource.Name | Select-Object -Unique
                Save-PSResource -Name EquinixOtp -Prerelease -Repository Local -Path '$saved'
                (Test-ModuleManifest -Path '$saved/EquinixOtp/$version/EquinixOtp.psd1').Version.ToString()
                Install-PSResource -Name EquinixOtp -Prerelease -Repository Local -Scope CurrentUser
                (Get-InstalledPSResource -Name EquinixOtp -Scope CurrentUser).Version.ToString()
"@
            $shell.Lines | Should -Be $version, 'EquinixOtp', 'EquinixOtp', $version, $version -Because $shell.Text
        }

        It 'works by name, and without an import, in a new session' {
            $shell = Invoke-Shell @'
                Send-MetalOtpSms
                (Get-Module EquinixOtp).Version.ToString()
                Remove-Module EquinixOtp
                Import-Module EquinixOtp
                (Get-MetalRecoveryCode).Count
                (Reset-MetalRecoveryCode -Confirm:$false).Count
                Confirm-MetalOtp 000000 -Quiet
                @((Get-Help Confirm-MetalOtp).Examples.Example).Count -ge 3
                [string] (Get-Help about_EquinixOtp) -like '*EquinixOtp*'
'@
            $shell.Lines | Should -Be $version, '10', '10', 'False', 'True', 'True' -Because $shell.Text
        }

        It 'is updated, and uninstalled while it is imported' {
            Add-NextVersion
            $shell = Invoke-Shell @'
                $ErrorActionPreference = 'Stop'
                Update-PSResource -Name EquinixOtp -Repository Local
                (Get-InstalledPSResource -Name EquinixOtp).Version | Sort-Object | ForEach-Object ToString
                Import-Module EquinixOtp
                (Get-Module EquinixOtp).Version.ToString()
                (Get-MetalRecoveryCode).Count
                Uninstall-PSResource -Name EquinixOtp -Version '*'
                @(Get-Module EquinixOtp -ListAvailable).Count
                (Get-MetalRecoveryCode).Count
'@
            $shell.Lines | Should -Be $version, '99.0.0', '99.0.0', '10', '0', '10' -Because $shell.Text
        }
    }

    # Windows PowerShell includes PowerShellGet 1 only.
    Context 'with PowerShellGet 2' -Skip:(-not $hasPowerShellGet) {
        BeforeAll {
            Use-NewHome PowerShellGet
            Remove-Item -Path "$feed/EquinixOtp.99.0.0.nupkg" -ErrorAction Ignore
        }

        It 'is found by name, tag and command, saved and installed' {
            $shell = Invoke-Shell @"
                `$ErrorActionPreference = 'Stop'
                Register-PSRepository -Name Local -SourceLocation '$feed' -InstallationPolicy Trusted
                (Find-Module -Name EquinixOtp -AllowPrerelease -Repository Local).Version
                (Find-Module -Tag RecoveryCodes -Repository Local).Name
                (Find-Module -Command Confirm-MetalOtp -Repository Local).Name
                Install-Module -Name EquinixOtp -AllowPrerelease -Repository Local -Scope CurrentUser
                (Get-InstalledModule -Name EquinixOtp -AllowPrerelease).Version
"@
            $shell.Lines | Should -Be $packageVersion, 'EquinixOtp', 'EquinixOtp', $packageVersion -Because $shell.Text
        }

        It 'works without an import in a new session, and is updated and uninstalled' {
            Add-NextVersion
            $shell = Invoke-Shell @'
                $ErrorActionPreference = 'Stop'
                (Get-MetalRecoveryCode).Count
                (Get-Module EquinixOtp).Version.ToString()
                Update-Module -Name EquinixOtp
                (Get-InstalledModule -Name EquinixOtp -AllowPrerelease).Version
                Uninstall-Module -Name EquinixOtp -AllVersions
                @(Get-Module EquinixOtp -ListAvailable).Count
                (Get-MetalRecoveryCode).Count
'@
            $shell.Lines | Should -Be '10', $version, '99.0.0', '0', '10' -Because $shell.Text
        }
    }
}
