"""Kill a CLI and the processes that it started."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path

from e2e.harness import Ran, Stack

WITHIN = 60.0
"""Timeout in seconds of `wait_until`."""


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Wait until a condition is true. Fail after a timeout."""
    pause = threading.Event()
    for _ in range(int(WITHIN / 0.02)):
        if happened():
            return
        pause.wait(0.02)
    raise AssertionError(f"in {WITHIN:g} s: no {what}")


OPTIONS = ("--non-interactive", "--color=never")


class Running:
    """A command that was started and not waited for: the Pulumi CLI, or another program."""

    def __init__(self, stack: Stack, *arguments: str, program: Sequence[str] = ()) -> None:
        command = [*program, *arguments] if program else ["pulumi", *arguments, *OPTIONS]
        self._stack = stack
        with tempfile.NamedTemporaryFile(dir=stack.folder, prefix="running-", delete=False) as output:
            self._output = Path(output.name)
            self._process = subprocess.Popen(
                command,
                cwd=stack.program_folder,
                env=stack.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, warns: Collection[str] = ()) -> Ran:
        """Wait for its end."""
        return self._ended(self._process.wait(2 * WITHIN), warns)

    def interrupt(self) -> None:
        """Interrupt the CLI, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def kill_cli(self) -> None:
        """Kill only the CLI. The program and the plugins continue."""
        os.kill(self._process.pid, signal.SIGKILL)

    def runs(self, command: str) -> bool:
        """Return whether a process that the CLI started has this in its command line."""
        for pid in _members(self._process.pid):
            with suppress(OSError):  # it ended by itself meanwhile
                if command in Path(f"/proc/{pid}/cmdline").read_text():
                    return True
        return False

    def kill(self, warns: Collection[str] = ()) -> Ran:
        """Kill the CLI, the program and the plugins, which are all in one session."""
        session = self._process.pid
        os.kill(session, signal.SIGKILL)
        returncode = self._process.wait(WITHIN)

        def is_empty() -> bool:
            for pid in _members(session):
                with suppress(ProcessLookupError):  # it ended by itself meanwhile
                    os.kill(pid, signal.SIGKILL)
            return not _members(session)

        wait_until(is_empty, "end of the killed processes")
        return self._ended(returncode, warns)

    def _ended(self, returncode: int, warns: Collection[str]) -> Ran:
        ran = Ran(returncode, self._output.read_text(errors="replace"), "")
        self._stack.ran.append(ran)
        self._stack.note_confidential()
        ran.assert_warnings(warns)
        return ran


def _members(session: int) -> list[int]:
    """Return the living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may contain any character.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(stat.parent.name))
    return found
