"""Start the provider plugin when Pulumi runs this folder.

If the package is installed with pip, Pulumi runs the command `pulumi-resource-sinch` instead.
"""

from pulumi_sinch.plugin.server import main

main()
