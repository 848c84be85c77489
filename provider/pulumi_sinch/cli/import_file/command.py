"""The command ``pulumi-sinch import-file``."""

from pathlib import Path

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.cli.options import FILE, project_option


@click.command("import-file")
@project_option
@click.option("--target", "targets", multiple=True, metavar="URL", help="Only the webhook with this target.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only the webhook with this id.")
@click.option("--provider", metavar="URN", help="URN of the explicit provider that the webhooks shall have.")
@click.option(
    "--secret-env",
    "secret_env",
    multiple=True,
    metavar="[NAME=]VARIABLE",
    help="Environment variable with the secret that the receiver uses: of all webhooks, or of the one that the "
    "program calls NAME. Several times for several webhooks. Left out, the stack does not know the secret.",
)
@click.option("--out", default="import.json", show_default=True, type=FILE)
@click.option("--program", default="webhooks.py", show_default=True, type=FILE)
@click.option("--force", is_flag=True, help="Replace files that exist.")
def import_file_command(  # noqa: PLR0913 - the command's options
    *,
    project: str | None,
    targets: tuple[str, ...],
    ids: tuple[str, ...],
    provider: str | None,
    secret_env: tuple[str, ...],
    out: Path,
    program: Path,
    force: bool,
) -> None:
    """Write what brings existing webhooks into a stack: an import file and the matching program.

    All webhooks of the project, or those named by --target and --id, each of which can be given several times. Nothing
    is changed at Sinch. Both files hold the targets in full. With --project, the program names the project of each
    webhook, else it leaves it to the stack. Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET,
    or SINCH_ACCESS_TOKEN.
    """
    from pulumi_sinch.cli.import_file.selection import Selection
    from pulumi_sinch.cli.import_file.writer import write_import

    selection = Selection(project, targets, ids, provider, secret_env)
    try:
        report = write_import(selection, out, program, force=force)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(report)
