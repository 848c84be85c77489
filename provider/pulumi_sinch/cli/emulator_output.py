"""The output of a running `pulumi-sinch emulator`: lines for the console, and a log file for programs."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_sinch.redaction import sanitize

if TYPE_CHECKING:
    from pulumi_sinch.emulator.delivery import Delivery
    from pulumi_sinch.emulator.journal import Entry


def console_line(event: "Entry | Delivery", *, now: float) -> str:
    """Return a colored line about a request to the emulator or about the delivery of a callback.

    Args:
        event: The request or the delivery.
        now: The time that the line shows, in seconds since the epoch.
    """
    clock = click.style(time.strftime("%H:%M:%S", time.localtime(now)), dim=True)
    duration = f"{event.milliseconds or 0:.0f} ms"
    status = _status(event.status)
    return "  ".join(part for part in (clock, *_parts(event, status, duration)) if part)


def _parts(event: "Entry | Delivery", status: str, duration: str) -> tuple[str, ...]:
    from pulumi_sinch.emulator.delivery import Delivery

    if isinstance(event, Delivery):
        where = f"{event.target} (forwarded to {event.forwarded_to})" if event.forwarded_to else event.target
        attempt = f"attempt {event.attempt}" if event.attempt > 1 else ""
        problem = click.style(event.problem, fg="red") if event.problem else ""
        return (f"{'EVENT':7}{sanitize(event.trigger)} -> {where}", status, duration, attempt, problem)
    path = sanitize(event.path) + (f"?{event.query}" if event.query else "")
    fault = click.style(f"fault {event.fault}", fg="yellow") if event.fault else ""
    return (f"{sanitize(event.method):7}{path}", status, duration, fault)


def _status(status: int | None) -> str:
    if status is None:
        return click.style("no response", fg="red")
    return click.style(str(status), fg="green" if status < 400 else "red")  # noqa: PLR2004 - HTTP's range of errors


class Console:
    """Writes a line to standard error for each request to the emulator and each delivery of a callback.

    Args:
        clock: Returns the current time in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:

        self._clock = clock

    def __call__(self, event: "Entry | Delivery") -> None:
        """Write the line of one request or delivery. Ignore the error of a closed terminal."""
        with contextlib.suppress(OSError, ValueError):
            click.echo(console_line(event, now=self._clock()), err=True)


class LogFile:
    """Appends each request to the emulator and each delivery of a callback to a file, as a line of JSON.

    The file contains no secrets. But payloads can be confidential, so a new log file can be read and written
    only by its owner.

    Args:
        path: The file.
        warn: Prints a warning. `LogFile` calls it once, when writing to the file fails for the first time.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:

        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
        self._lock = threading.Lock()
        self._warn = warn
        self._failed = False

    def __call__(self, event: "Entry | Delivery") -> None:
        """Append the JSON object of one request or delivery."""
        line = json.dumps(log_object(event))
        with self._lock:
            try:
                self._file.write(f"{line}\n")
                self._file.flush()
            except (OSError, ValueError) as error:
                if not self._failed:
                    self._warn(
                        f"The log cannot be written: {getattr(error, 'strerror', '') or 'it is closed'}."
                    )
                self._failed = True

    def close(self) -> None:
        """Close the file."""
        with self._lock, contextlib.suppress(OSError):
            self._file.close()


def log_object(event: "Entry | Delivery") -> dict[str, Any]:
    """Return the JSON object that the log file contains for one request or delivery."""
    from pulumi_sinch.emulator.delivery import Delivery

    kind = "delivery" if isinstance(event, Delivery) else "request"
    fields = {name: dict(value) if name == "headers" else value for name, value in vars(event).items()}
    return {"kind": kind, **fields}
