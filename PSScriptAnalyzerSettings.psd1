# All default rules and some formatting rules. The rules for compatible commands and types are not enabled: they know only shells
# that existed when they were released.
@{
    Severity     = @('Error', 'Warning', 'Information')
    # The rule ignores functions: it reports a script's parameter that only the script's functions use.
    ExcludeRules = @('PSReviewUnusedParameter')
    Rules        = @{
        PSUseCompatibleSyntax            = @{
            Enable         = $true
            TargetVersions = @('5.1', '7.4', '7.6')
        }
        PSPlaceOpenBrace                 = @{
            Enable             = $true
            OnSameLine         = $true
            NewLineAfter       = $true
            IgnoreOneLineBlock = $true
        }
        PSPlaceCloseBrace                = @{
            Enable             = $true
            NewLineAfter       = $false
            IgnoreOneLineBlock = $true
            NoEmptyLineBefore  = $true
        }
        PSUseConsistentIndentation       = @{
            Enable          = $true
            Kind            = 'space'
            IndentationSize = 4
        }
        PSUseConsistentWhitespace        = @{
            Enable                                  = $true
            CheckParameter                          = $true
            IgnoreAssignmentOperatorInsideHashTable = $true
        }
        PSUseCorrectCasing               = @{
            Enable = $true
        }
        PSUseSingularNouns               = @{
            Enable        = $true
            NounAllowList = @('Sms')
        }
        # Invoke-DotNet passes its arguments to dotnet.
        PSAvoidUsingPositionalParameters = @{
            Enable           = $true
            CommandAllowList = @('Invoke-DotNet')
        }
    }
}
