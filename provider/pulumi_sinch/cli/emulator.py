"""The command ``pulumi-sinch emulator``."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_sinch.cli.emulator_output import Console, LogFile
from pulumi_sinch.cli.emulator_warnings import exposure_warnings
from pulumi_sinch.cli.environment_formats import FORMATS
from pulumi_sinch.cli.options import FILE
from pulumi_sinch.cli.run_command import run_command

if TYPE_CHECKING:
    from pulumi_sinch.emulator import Emulator

ACCESS_TOKEN = "SINCH_ACCESS_TOKEN"  # noqa: S105 - the name of a variable

# The minimum that `RateLimits` allows. It is a copy, because that module is slow to import.
_RATE = click.FloatRange(0.001)


@click.command("emulator", context_settings={"allow_interspersed_args": False})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="0 picks a free one.  [default: 4010, or a free one with COMMAND]",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Host name under which other machines may use the API, the control API and the page. Can be given "
    "several times. Default: this machine only.",
)
@click.option(
    "--advertise",
    "advertise_url",
    metavar="URL",
    help="URL for the printed variables, such as http://sinch:4010. Its host needs --allow-host.",
)
@click.option(
    "--state",
    "state_file",
    type=FILE,
    help="File that the webhooks survive a restart in. It holds their secrets.",
)
@click.option("--seed", "seed_file", type=FILE, help="File with the webhooks to start from.")
@click.option("--project", "projects", multiple=True, help="Project id; can be given several times.")
@click.option(
    "--any-project", is_flag=True, help="Create projects on demand. The access key opens all of them."
)
@click.option("--key-id", help="Access key.")
@click.option("--key-secret", help="The access key's secret.")
@click.option("--rate-per-project", type=_RATE, help="Requests per second to one project.")
@click.option("--rate-per-key", type=_RATE, help="Requests per second with one access key.")
@click.option(
    "--burst",
    default=10,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Requests at once, before a rate applies.",
)
@click.option(
    "--forward-to",
    metavar="URL",
    help="Send all events to this receiver instead of the targets, such as http://127.0.0.1:8000/sinch.",
)
@click.option(
    "--forward-path",
    is_flag=True,
    help="Append the path and the query of the target to the URL of --forward-to.",
)
@click.option(
    "--extra-trigger",
    "extra_triggers",
    multiple=True,
    metavar="NAME",
    help="Trigger to accept in addition to the documented ones; can be given several times.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default="export",
    show_default=True,
    help="How the variables are printed.",
)
@click.option(
    "--log", "log_path", type=FILE, help="Append requests and deliveries to this file as JSON lines."
)
@click.option("--quiet", is_flag=True, help="Print the variables and warnings only.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def emulator_command(  # noqa: PLR0913 - the command's options
    *,
    host: str,
    port: int | None,
    allowed_hosts: tuple[str, ...],
    advertise_url: str | None,
    format_name: str,
    log_path: Path | None,
    quiet: bool,
    command: tuple[str, ...],
    **options: Any,  # noqa: ANN401 - passed to Emulator as they are
) -> None:
    """Start a local emulator of Sinch's API, and print the environment variables to use it from a shell.

    With a COMMAND, the emulator does not print the environment variables. It runs COMMAND with these
    variables, stops when COMMAND ends, and exits with the status of COMMAND:

    \b
      pulumi-sinch emulator -- pulumi up
    """  # noqa: D301 - \b tells click to keep the example's line

    def print_message(line: str) -> None:
        if not quiet or line.startswith("Warning"):
            click.echo(line, err=True)

    def print_variable(name: str, value: str) -> None:
        click.echo(FORMATS[format_name](name, value))

    if port is None:
        port = 0 if command else 4010
    emulator = _created(host=host, port=port, advertise_url=advertise_url, **options)
    for name in allowed_hosts:
        emulator.allow_host(name)
    for warning in exposure_warnings(host, allowed_hosts, advertise_url):
        print_message(f"Warning: {warning}")
    from pulumi_sinch.emulator.state_lock import StateFileError

    _observe(emulator, log_path, on_console=not quiet and not command)
    try:
        if command:
            sys.exit(run(emulator, command, print_message))
        serve(emulator, print_variable, print_message)
    except StateFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def _created(**options: Any) -> "Emulator":  # noqa: ANN401 - passed to Emulator as they are
    try:
        from pulumi_sinch.emulator import Emulator
        from pulumi_sinch.emulator.state_lock import StateFileError
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from None
    try:
        return Emulator(**options)
    except (StateFileError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _observe(emulator: "Emulator", log_path: Path | None, *, on_console: bool) -> None:
    if on_console:
        emulator.observe(Console())
    if log_path is None:
        return
    try:
        log = LogFile(log_path, lambda sentence: click.echo(f"Warning: {sentence}", err=True))
    except OSError as error:
        raise click.ClickException(f"{log_path} cannot be written: {error.strerror}.") from None
    click.get_current_context().call_on_close(log.close)
    emulator.observe(log)


def run(emulator: "Emulator", command: Sequence[str], print_message: Callable[[str], None]) -> int:
    """Start the emulator, run a command that uses it, and return the exit status of the command.

    The emulator stops when the command ends.

    Args:
        emulator: The emulator to start.
        command: The program and its arguments.
        print_message: Prints a line for the user.

    Raises:
        OSError: The emulator cannot listen on its address.
    """
    with emulator:
        print_message(f"The emulator runs at {emulator.url}. Open this URL in a browser to see its page.")
        # A real access token in the environment would take precedence over the emulator's access key.
        inherited = {name: value for name, value in os.environ.items() if name != ACCESS_TOKEN}
        try:
            return run_command(command, {**inherited, **emulator.environment})
        except OSError as error:
            click.echo(f"Error: {command[0]} cannot be started: {error.strerror}.", err=True)
            return 127 if isinstance(error, FileNotFoundError) else 126


def serve(
    emulator: "Emulator",
    print_variable: Callable[[str, str], None],
    print_message: Callable[[str], None],
) -> None:
    """Start the emulator, print its environment variables, and run until SIGINT or SIGTERM.

    Args:
        emulator: The emulator to start.
        print_variable: Prints the name and the value of an environment variable.
        print_message: Prints a line for the user.

    Raises:
        OSError: The emulator cannot listen on its address.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        for name, value in emulator.environment.items():
            print_variable(name, value)
        if os.environ.get(ACCESS_TOKEN):
            print_message(
                "Warning: SINCH_ACCESS_TOKEN is set in this shell. Run `unset SINCH_ACCESS_TOKEN`, because "
                "the token takes precedence over the access key."
            )
        print_message(
            f"The emulator runs at {emulator.url}. Open this URL in a browser to see its page. Ctrl-C stops "
            "the emulator."
        )
        # On Windows, a wait without a timeout cannot be interrupted.
        while not stop.wait(1):
            pass
