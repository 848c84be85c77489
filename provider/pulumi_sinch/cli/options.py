"""Command-line options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]

FILE = click.Path(dir_okay=False, path_type=Path)

project_option: Decorator = click.option(
    "--project",
    "project",
    metavar="ID",
    help="Sinch project. Default: the project of --stack, or SINCH_PROJECT_ID.",
)

stack_option: Decorator = click.option(
    "--stack",
    "stack",
    metavar="NAME",
    help="Read project and credentials from the config of this stack. Run it in the folder of Pulumi.yaml.",
)
