"""Start the provider plugin when Pulumi runs this folder.

An installed package has the command `pulumi-resource-sinch` instead.
"""

from pulumi_sinch.plugin.server import main

main()
