"""The command ``pulumi-sinch import-file``.

command      the command line
writer       writes both files and the report
selection    the webhooks to import, and their secrets
document     the import file, for ``pulumi import --file``
program      the program that declares the webhooks
names        names of resources and variables
"""
