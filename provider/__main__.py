"""Runs this folder as a provider plugin. The installed package has the command `pulumi-resource-sinch` instead."""

from pulumi_sinch.plugin.server import main

main()
