"""Timing a command to the millisecond, and ending it when it hangs."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def time_command(
    command: Sequence[str | Path],
    timeout: float,
    started: Callable[[int], object] = lambda _: None,
    **options: Any,
) -> tuple[float, int]:
    """Return the seconds that a command took, and its exit status; negative where it was ended.

    `Popen.wait` with a timeout looks only every 50 ms whether the command has ended, so the limit is a
    timer's.

    Args:
        command: To run in a session of its own.
        timeout: Seconds after which it is ended, with all that it started.
        started: Is told the id of its process.
        options: As for `subprocess.Popen`.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **options)
    limit = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
    limit.start()
    try:
        started(process.pid)
        status = process.wait()
        return time.perf_counter() - began, status
    finally:
        limit.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
