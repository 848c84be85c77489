"""Adoptions that the other provider processes of the same run can see.

Every explicit provider runs in its own process (ENGINE.md, Shape). If a resource gets another name, another provider and
`adopt=True`, one process adopts the webhook and another process deletes the old resource. All processes of a run know the
address of the same engine, so a marker is a file in a private folder, named by that address and the webhook.

A marker is locked while the process that wrote it lives. A marker without a lock is left over from a process that was
killed. It counts as an attempted adoption: the webhook is not deleted in that run, and the state keeps it.
"""

import atexit
import hashlib
import os
import re
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except (
    ImportError
):  # pragma: no cover - Windows has no such locks: there every marker counts as its text says
    fcntl = None  # type: ignore[assignment]

ATTEMPTED = "attempted"
DONE = "done"

_ENGINE_ADDRESS = re.compile(r"[\w.\[\]:-]+:\d+")
_MAX_AGE = 24 * 60 * 60
"""Seconds after which a marker of a killed process is deleted."""

_files: dict[Path, IO[str]] = {}
"""The markers of this process, open and locked."""


def write(subject: str, state: str) -> bool:
    """Write a marker, or change one of this process.

    Args:
        subject: The webhook's id or its target. The file name is a hash of it.
        state: `ATTEMPTED` or `DONE`.

    Returns:
        False if there is no private folder for it.
    """
    if not _is_plugin():
        return True  # then there are no other processes
    try:
        path = _path(subject)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not _is_private(path.parent):
            return False
        _delete_old_markers(path.parent)
        if path not in _files:
            _files[path] = path.open("w")
            if fcntl is not None:
                fcntl.flock(_files[path], fcntl.LOCK_SH | fcntl.LOCK_NB)
        file = _files[path]
        file.seek(0)
        file.truncate()
        file.write(state)
        file.flush()
    except OSError:
        return False
    return True


def read(subject: str) -> str:
    """Return the state of an adoption, empty if no process of this run has adopted the webhook."""
    if not _is_plugin():
        return ""
    try:
        with _path(subject).open() as file:
            state = file.read() or ATTEMPTED
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return ATTEMPTED
            return state  # pragma: no cover - Windows
    except BlockingIOError:  # its process lives
        return state
    except OSError:
        return ""


def remove(subject: str) -> None:
    """Remove a marker of this process."""
    with suppress(OSError):
        path = _path(subject)
        if path in _files:
            _remove(path)


@atexit.register
def _remove_all() -> None:
    for path in list(_files):
        _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
    _files.pop(path).close()


def _is_plugin() -> bool:
    """Return whether this is a plugin process, whose last argument is the engine's address."""
    return bool(_ENGINE_ADDRESS.fullmatch(sys.argv[-1]))


def _path(subject: str) -> Path:
    """Return the file of a marker.

    Raises:
        OSError: There is not a temporary folder that can be written.
    """
    name = hashlib.sha256(f"{sys.argv[-1]}\n{subject}".encode()).hexdigest()
    return Path(tempfile.gettempdir()) / f"pulumi-sinch-{_user()}" / name


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _is_private(folder: Path) -> bool:
    """Return whether only this user can write to a folder. Windows gives every user a temporary folder of their own."""
    if not hasattr(os, "getuid"):
        return True  # pragma: no cover - Windows
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def _delete_old_markers(folder: Path) -> None:
    """Delete what killed processes left behind."""
    oldest = time.time() - _MAX_AGE
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < oldest and path not in _files:
                path.unlink()
