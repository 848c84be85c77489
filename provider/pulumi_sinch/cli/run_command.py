"""Run a command with given environment variables, in the same terminal, and forward signals to it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

# The terminal sends these signals to all foreground processes.
_OF_TERMINAL = {"SIGINT", "SIGQUIT", "SIGHUP"}
_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command until it ends. Returns its exit status, or 128 + N if signal N ended it.

    The command gets each signal only once. If this process is in the foreground of a terminal, the terminal
    sends its signals, such as SIGINT for Ctrl-C, to the command too, so this process does not forward them.
    Otherwise, the command runs in a new session, and this process forwards each signal. Signals to the
    process group of this process do not reach the new session. Signals never end this process before the
    command ends.

    Args:
        command: The program and its arguments.
        environment: All environment variables of the command. The command inherits no other variables.

    Raises:
        OSError: The command cannot be started.
    """
    in_foreground = _is_in_foreground()
    with (
        _relayed_signals(in_foreground=in_foreground) as relay,
        subprocess.Popen(command, env=environment, start_new_session=not in_foreground) as process,  # noqa: S603 - the user's command
    ):
        relay.attach(process)
        status = _wait(process)
    return status if status >= 0 else 128 - status


def _wait(process: "subprocess.Popen[bytes]") -> int:
    while True:
        # On Windows, a wait without a timeout cannot be interrupted.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(1)


class _Relay:
    """A signal handler that forwards signals to a process.

    Signals that arrive before the process has started are forwarded as soon as the process has started.
    """

    def __init__(self, not_passed_on: set[int]) -> None:
        self._not_passed_on = not_passed_on
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def attach(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if number in self._not_passed_on:
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


@contextlib.contextmanager
def _relayed_signals(*, in_foreground: bool) -> Iterator[_Relay]:
    """Forward signals while the ``with`` block runs, and restore the previous handlers after the block.

    A signal that is not forwarded gets a handler that does nothing. SIG_IGN would have the same effect in
    this process, but the command would inherit it. The command does not inherit handlers.
    """
    relay = _Relay(_numbers(_OF_TERMINAL) if in_foreground else set())
    before = {number: signal.signal(number, relay) for number in _numbers(_PASSED_ON)}
    try:
        yield relay
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _numbers(names: "Sequence[str] | set[str]") -> set[int]:
    """Return the numbers of these signals. Signals that the platform lacks are left out."""
    return {getattr(signal, name) for name in names if hasattr(signal, name)}


def _is_in_foreground() -> bool:
    """Return whether this process is in the foreground of a terminal. Always true on Windows."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
