"""``pulumi-sinch emulator``: serve until told to stop."""

import shlex
import signal
import threading
from collections.abc import Callable

from pulumi_sinch.emulator.addresses import is_loopback
from pulumi_sinch.emulator.server import Emulator


def serve(emulator: Emulator, host: str, say: Callable[[str], None], tell: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        emulator: What to serve.
        host: The address it listens on, which decides about a warning.
        say: Prints a line of shell code.
        tell: Prints a line for people.

    Raises:
        OSError: The address cannot be used.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        if not is_loopback(host):
            tell(
                f"Warning: {host} can be reached from other machines. The emulator keeps webhook secrets in clear "
                "and its sample access key is public. Its page and control API still answer this machine only."
            )
        for name, value in emulator.environment.items():
            say(f"export {name}={shlex.quote(value)}")
        tell(f"The emulator answers at {emulator.url}, which is also its page for people. Ctrl-C stops it.")
        # A wait without an end cannot be interrupted on Windows.
        while not stop.wait(1):
            pass
