"""Command-line options that several commands share."""

from pathlib import Path

import click

FILE = click.Path(dir_okay=False, path_type=Path)

project_option = click.option(
    "--project",
    "project",
    metavar="ID",
    help="Sinch project. Default: that of the stack, or SINCH_PROJECT_ID.",
)

stack_option = click.option(
    "--stack",
    "stack",
    metavar="NAME",
    help="Read project and credentials from the config of this stack. Run it in the folder of Pulumi.yaml.",
)
