# Stands in for the vault extension, of which a runbook needs only the name.
