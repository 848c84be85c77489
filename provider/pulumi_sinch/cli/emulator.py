"""The command ``pulumi-sinch emulator``."""

import shlex
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_sinch.cli.emulator_warnings import exposure_warnings
from pulumi_sinch.cli.options import FILE

if TYPE_CHECKING:
    from pulumi_sinch.emulator import Emulator


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
    help="Host name under which other machines may use the API, the control API and the page; can be given several "
    "times. Default: this machine only.",
)
@click.option(
    "--advertise",
    "advertise_url",
    metavar="URL",
    help="URL for the printed variables, such as http://sinch:4010. Its host needs --allow-host.",
)
@click.option(
    "--state", type=FILE, help="File that the webhooks survive a restart in. It holds their secrets."
)
@click.option("--seed", type=FILE, help="File with the webhooks to start from.")
@click.option("--project", "projects", multiple=True, help="Project id; can be given several times.")
@click.option("--key-id", help="Access key.")
@click.option("--key-secret", help="The access key's secret.")
@click.option("--quiet", is_flag=True, help="Print the export lines and warnings only.")
def emulator_command(  # noqa: PLR0913 - the command's options
    *,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    advertise_url: str | None,
    state: Path | None,
    seed: Path | None,
    projects: tuple[str, ...],
    key_id: str | None,
    key_secret: str | None,
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
            advertise_url=advertise_url,
            projects=projects,
            key_id=key_id,
            key_secret=key_secret,
            state_file=state,
            seed_file=seed,
        )
        for name in allowed_hosts:
            running.allow_host(name)
        for warning in exposure_warnings(host, allowed_hosts, advertise_url):
            print_message(f"Warning: {warning}")
        serve(running, click.echo, print_message)
    except (StateFileError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def serve(
    emulator: "Emulator",
    print_export: Callable[[str], None],
    print_message: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        emulator: The emulator to start.
        print_export: Prints a line of shell code.
        print_message: Prints a line for the user.

    Raises:
        OSError: The address cannot be used.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        for name, value in emulator.environment.items():
            print_export(f"export {name}={shlex.quote(value)}")
        print_message(
            f"The emulator answers at {emulator.url}, which is also its page for people. Ctrl-C stops it."
        )
        # On Windows, a wait without a timeout cannot be interrupted.
        while not stop.wait(1):
            pass
