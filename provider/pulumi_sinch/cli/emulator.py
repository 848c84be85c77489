"""The command ``pulumi-sinch emulator``."""

import shlex
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_sinch.cli.options import FILE
from pulumi_sinch.urls import is_loopback

if TYPE_CHECKING:
    from pulumi_sinch.emulator import Emulator


_RATE = click.FloatRange(0, min_open=True)


@click.command("emulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Host that clients of the API may name, in addition to this machine; can be given several times.",
)
@click.option(
    "--state", type=FILE, help="File that the webhooks survive a restart in. It holds their secrets."
)
@click.option("--seed", type=FILE, help="File with the webhooks to start from.")
@click.option("--project", "projects", multiple=True, help="Project id; can be given several times.")
@click.option("--key-id", help="Access key.")
@click.option("--key-secret", help="The access key's secret.")
@click.option("--rate-per-project", type=_RATE, help="Requests per second to one project.")
@click.option("--rate-per-key", type=_RATE, help="Requests per second with one access key.")
@click.option(
    "--burst",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Requests at once, before a rate applies.",
)
@click.option("--quiet", is_flag=True, help="Print the export lines and warnings only.")
def emulator_command(  # noqa: PLR0913 - the command's options
    *,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    state: Path | None,
    seed: Path | None,
    projects: tuple[str, ...],
    key_id: str | None,
    key_secret: str | None,
    rate_per_project: float | None,
    rate_per_key: float | None,
    burst: int,
    quiet: bool,
) -> None:
    """Serve a local Sinch and print the `export` lines that point a shell at it."""
    try:
        from pulumi_sinch.emulator import Emulator
        from pulumi_sinch.emulator.state_file import StateFileError
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from None

    def print_message(line: str) -> None:
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
            rate_per_project=rate_per_project,
            rate_per_key=rate_per_key,
            burst=burst,
        )
        for name in allowed_hosts:
            running.allow_host(name)
        serve(running, host, click.echo, print_message)
    except StateFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def serve(
    emulator: "Emulator",
    host: str,
    print_export: Callable[[str], None],
    print_message: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        emulator: The emulator to start.
        host: The address that it listens on. Another one than loopback prints a warning.
        print_export: Prints a line of shell code.
        print_message: Prints a line for the user.

    Raises:
        OSError: The address cannot be used.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        if not is_loopback(host):
            print_message(
                f"Warning: {host} can be reached from other machines. The emulator keeps webhook secrets in clear "
                "and its sample access key is public. Its page and control API still answer this machine only. Clients that "
                "reach it under another name than this address need --allow-host NAME."
            )
        for name, value in emulator.environment.items():
            print_export(f"export {name}={shlex.quote(value)}")
        print_message(
            f"The emulator answers at {emulator.url}, which is also its page for people. Ctrl-C stops it."
        )
        # On Windows, a wait without a timeout cannot be interrupted.
        while not stop.wait(1):
            pass
