"""The command ``pulumi-sinch import-file``.

`command`: Defines the command line.
`writer`: Writes the import file and the program, and returns a report for the terminal.
`selection`: Selects the webhooks to import, and reads their secrets from the environment.
`document`: Builds the import file for ``pulumi import --file``.
`program`: Generates the program that declares the webhooks.
`names`: Derives the names of resources and variables from targets.
"""
