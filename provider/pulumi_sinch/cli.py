"""The command line: ``pulumi-sinch`` (extra ``tools``). Each command loads its module only when it runs."""

from pathlib import Path

try:
    import click
except ModuleNotFoundError:
    raise SystemExit("pulumi-sinch needs a few more packages: pip install 'pulumi-sinch[tools]'") from None

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulumi-sinch")
def main() -> None:
    """Tools around the Sinch webhooks of your Pulumi stacks."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--state", type=_FILE, help="File that the webhooks survive a restart in. It holds their secrets."
)
@click.option("--seed", type=_FILE, help="File with the webhooks to start from.")
@click.option("--project", "projects", multiple=True, help="Project id; can be given several times.")
@click.option("--key-id", help="Access key.")
@click.option("--key-secret", help="The access key's secret.")
@click.option("--quiet", is_flag=True, help="Print the export lines and warnings only.")
def emulator(  # noqa: PLR0913 - the command's options
    *,
    host: str,
    port: int,
    state: Path | None,
    seed: Path | None,
    projects: tuple[str, ...],
    key_id: str | None,
    key_secret: str | None,
    quiet: bool,
) -> None:
    """Serve a local Sinch and print the `export` lines that point a shell at it."""
    try:
        from pulumi_sinch.emulator import Emulator  # noqa: PLC0415
        from pulumi_sinch.emulator.command import serve  # noqa: PLC0415
        from pulumi_sinch.emulator.persistence import StateFileError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from None

    def tell(line: str) -> None:
        if not quiet or line.startswith("Warning"):
            click.echo(line, err=True)

    try:
        running = Emulator(
            host=host,
            port=port,
            projects=projects,
            key_id=key_id,
            key_secret=key_secret,
            state_file=state,
            seed_file=seed,
        )
        serve(running, host, click.echo, tell)
    except StateFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
