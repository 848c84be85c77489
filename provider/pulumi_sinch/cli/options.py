"""Command-line options that several commands share."""

from pathlib import Path

import click

FILE = click.Path(dir_okay=False, path_type=Path)

project_option = click.option(
    "--project", "project", metavar="ID", help="Sinch project; default: SINCH_PROJECT_ID."
)
