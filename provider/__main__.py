"""Run this folder as a provider plugin. An installed package has the command `pulumi-resource-sinch`."""

from pulumi_sinch.plugin.server import main

main()
