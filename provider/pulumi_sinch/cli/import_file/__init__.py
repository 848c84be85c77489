"""Live webhooks -> the file that ``pulumi import --file`` takes, and the program that matches it."""

from pulumi_sinch.cli.import_file.command import Wanted, write_import

__all__ = ["Wanted", "write_import"]
