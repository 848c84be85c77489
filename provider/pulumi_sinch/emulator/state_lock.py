"""A lock on the state file, so that two emulators never use the same file at the same time."""

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout


class StateFileError(Exception):
    """A state file or a seed file cannot be used. The message contains no secret."""


class StateLock:
    """The lock on a state file. The operating system releases the lock when the process ends or is killed.

    The lock uses two files next to the state file. For ``state.json``, the emulator locks the file
    ``state.json.lock`` and writes the id of its process to the file ``state.json.pid``.

    Args:
        path: Path of the state file.
    """

    def __init__(self, path: Path) -> None:

        self._path = path
        resolved = path.resolve()
        self._owner = resolved.with_name(f"{resolved.name}.pid")
        self._lock = FileLock(resolved.with_name(f"{resolved.name}.lock"), timeout=0, thread_local=False)

    def acquire(self) -> None:
        """Acquire the lock. If another emulator holds the lock, raise an error at once instead of waiting.

        Raises:
            StateFileError: Another emulator uses the state file, or the two files of the lock cannot be
                written.
        """
        if not self._owner.parent.is_dir():  # filelock would create the folder
            raise StateFileError(f"{self._path} cannot be written: the folder does not exist")
        try:
            self._lock.acquire()
            self._owner.write_text(f"{os.getpid()}\n")
        except Timeout:
            raise StateFileError(
                f"{self._path} is in use by the emulator in {self._holder()}. Stop that emulator, or use "
                "another file."
            ) from None
        except OSError as error:
            self._lock.release()
            raise StateFileError(f"{self._path} cannot be written: {error.strerror}") from None

    def release(self) -> None:
        """Release the lock."""
        with contextlib.suppress(OSError):
            self._owner.unlink()
        self._lock.release()

    def _holder(self) -> str:
        try:
            pid = int(self._owner.read_text())
        except (OSError, ValueError):
            return "another process"
        return "this process" if pid == os.getpid() else f"process {pid}"
