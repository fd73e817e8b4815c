# Makes calls one after another. The server counts the connections.
param([string] $Module, [string] $Call, [int] $Count)

Import-Module $Module
. ([scriptblock]::Create("for (`$i = 0; `$i -lt $Count; `$i++) { `$null = $Call }"))
