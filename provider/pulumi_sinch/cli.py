"""The command line: ``pulumi-sinch`` (extra ``tools``). Each command loads its module only when it runs."""

from pathlib import Path

try:
    import click
except ModuleNotFoundError:
    raise SystemExit("pulumi-sinch needs a few more packages: pip install 'pulumi-sinch[tools]'") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulumi-sinch")
def main() -> None:
    """Tools around the Sinch webhooks of your Pulumi stacks."""


_PROJECT = click.option(
    "--project", "project", metavar="ID", help="Sinch project; default: SINCH_PROJECT_ID."
)


@main.command("list")
@_PROJECT
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the targets in full.")
def list_webhooks(project: str | None, *, as_json: bool) -> None:
    """List the webhooks of a Sinch project and how much of its quota is used.

    Targets often carry credentials: the table hides what looks like one; --json shows targets in full, as Sinch shows
    them to whoever has the access key. Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET, or
    SINCH_ACCESS_TOKEN.
    """
    from pulumi_sinch import listing  # noqa: PLC0415 - each command loads its module only when it runs
    from pulumi_sinch.api.errors import SinchError  # noqa: PLC0415 - as above
    from pulumi_sinch.settings import Settings  # noqa: PLC0415 - as above

    settings = Settings.read(lambda _: None)
    try:
        project_id = listing.choose_project(settings, project)
        webhooks = listing.live_webhooks(settings, project_id)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(listing.as_json(webhooks, project_id))
        return
    try:
        from rich.console import Console  # noqa: PLC0415 - of the extra `tools`
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}: pip install 'pulumi-sinch[tools]'") from None
    Console().print(listing.as_table(webhooks, project_id))


@main.command("import-file")
@_PROJECT
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
@click.option(
    "--out", default="import.json", show_default=True, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option(
    "--program", default="webhooks.py", show_default=True, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--force", is_flag=True, help="Replace files that exist.")
def import_file(  # noqa: PLR0913 - the command's options
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
    from pulumi_sinch import importing  # noqa: PLC0415 - each command loads its module only when it runs
    from pulumi_sinch.api.errors import SinchError  # noqa: PLC0415 - as above

    wanted = importing.Wanted(project, targets, ids, provider, secret_env)
    try:
        report = importing.write_import(wanted, out, program, force=force)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(report)
