"""Measure the time of a command, precise to milliseconds, and stop the command if it hangs."""

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
    """Return the duration of a command in seconds, and its exit status.

    The exit status is negative if the command was stopped. A timer stops the command, because `Popen.wait`
    with a timeout checks only every 50 ms whether the command has ended.

    Args:
        command: The command, which runs in a new session.
        timeout: Seconds after which all processes of the session are killed.
        started: Called with the process id of the command.
        options: Options of `subprocess.Popen`.
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
