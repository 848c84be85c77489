"""The command ``pulumi-sinch import-file``."""

from pathlib import Path

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.cli.options import FILE, project_option, stack_option

ROUTES = ("python", "plugin")


@click.command("import-file")
@project_option
@stack_option
@click.option("--target", "targets", multiple=True, metavar="URL", help="Only the webhook with this target.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only the webhook with this id.")
@click.option("--provider", metavar="URN", help="URN of the explicit provider for the webhooks.")
@click.option(
    "--secret-env",
    "secret_env",
    multiple=True,
    metavar="[NAME=]VARIABLE",
    help="Environment variable with the secret that the receiver uses, for all webhooks or only for the "
    "webhook NAME. Can be given several times. Without it, the stack does not know the secret.",
)
@click.option(
    "--route",
    type=click.Choice(ROUTES),
    default=ROUTES[0],
    show_default=True,
    help="python: for SinchWebhook in a Python program. plugin: for sinch:index:Webhook. Its import file "
    "contains only ids, and `pulumi import` generates the program.",
)
@click.option("--out", default="import.json", show_default=True, type=FILE)
@click.option(
    "--program", type=FILE, help="File for the program, only with --route python. Default: webhooks.py."
)
@click.option("--force", is_flag=True, help="Replace existing files.")
def import_file_command(  # noqa: PLR0913 - the command's options
    *,
    project: str | None,
    stack: str | None,
    targets: tuple[str, ...],
    ids: tuple[str, ...],
    provider: str | None,
    secret_env: tuple[str, ...],
    route: str,
    out: Path,
    program: Path | None,
    force: bool,
) -> None:
    """Write an import file for existing webhooks and, with --route python, a program that declares them.

    The files contain all webhooks of the project, or only the webhooks that you select with --target and
    --id. You can give both options several times. The command changes nothing at Sinch. With --route python,
    the import file and the program contain the full targets, including any credentials. With --project, the
    program sets the project of each webhook. Without --project, the webhooks use the project of the stack's
    config.

    Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET, or SINCH_ACCESS_TOKEN. With
    --stack, the config of the stack takes precedence.
    """
    from pulumi_sinch.cli.import_file.selection import Selection
    from pulumi_sinch.cli.import_file.writer import write_import, write_plugin_import

    selection = Selection(project, targets, ids, provider, secret_env, stack)
    if route == "plugin" and (program or secret_env):
        raise click.UsageError("--program and --secret-env have no effect with --route plugin: remove them")
    try:
        if route == "plugin":
            report = write_plugin_import(selection, out, force=force)
        else:
            report = write_import(selection, out, program or Path("webhooks.py"), force=force)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(report)
