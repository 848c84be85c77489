"""Facts about webhooks, shared by all provider processes of one run.

Every explicit provider runs in its own process (ENGINE.md, Shape), and resources of two providers can want
the same webhook. So each process writes its facts to a file in a private folder of the run, and reads the
files of the other processes.

The name of the folder is a hash of the engine's address, which all processes of a run know. The engine of a
later run can get the same port as the engine of an earlier run. So on Linux, the hash also includes the inode
number of the engine's socket, which is different in each run.

A process locks its file while it is alive, and deletes the file when it ends. So a file without a lock is
from a process that was killed. If the killed process completed an adoption, the other processes treat this
adoption as `ATTEMPTED`, not as `DONE`, because the engine possibly did not save the result of the adoption.
"""

import atexit
import functools
import hashlib
import os
import re
import shutil
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks, so every process counts as alive
    fcntl = None  # type: ignore[assignment]

ATTEMPTED = "attempted"
DONE = "done"

_LISTENING = "0A"
"""The state of a listening socket in `/proc/net/tcp`."""
_ENGINE_ADDRESS = re.compile(r"[\w.\[\]:-]+:\d+")
_LOCK_TIMEOUT = 5.0
"""Maximum seconds to wait for the lock. Processes hold it only while they read and write small files."""
_MAX_AGE = 24 * 60 * 60
"""Seconds after which a later run deletes the folder of a run whose processes were killed."""


@dataclass
class _Others:
    """The facts of another process that were read so far, and the position of the next line in its file."""

    position: int = 0
    facts: dict[str, str] = field(default_factory=dict)


_own: dict[Path, IO[str]] = {}
_others: dict[Path, _Others] = {}
_prepared: set[Path] = set()
_lock = threading.Lock()


def publish(subject: str, fact: str) -> bool:
    """Publish a fact about a webhook to the other processes of this run.

    The new fact replaces the previous fact that this process published about the same subject.

    Args:
        subject: The webhook's id, or its project and target. Only a hash of this text is written to the file.
        fact: The value of a `run_state.Fact`, or an empty string to remove the previous fact.

    Returns:
        False if the private folder cannot be used, so that other processes cannot see the fact.
    """
    if not is_plugin():
        return True  # without an engine, other processes do not need the fact
    try:
        with _lock:
            file = _own_file()
            file.write(f"{_hash(subject)} {fact}\n")
            file.flush()
    except OSError:
        return False
    return True


def facts(subject: str) -> set[str]:
    """Return the facts that the other processes of this run have published about a webhook."""
    if not is_plugin():
        return set()
    found = set()
    with suppress(OSError), _lock:
        for path in _run_folder().iterdir():
            if path not in _own:
                fact = _read(path).facts.get(_hash(subject), "")
                found.add(ATTEMPTED if fact == DONE and not _is_alive(path) else fact)
    return found - {""}


@contextmanager
def exclusive() -> Iterator[None]:
    """Let only one process at a time read and publish facts.

    Without a lock for all processes, two processes could claim the same webhook at the same time.
    """
    folder = None
    if is_plugin() and fcntl is not None:
        with suppress(OSError):
            folder = os.open(_prepared_run_folder(), os.O_RDONLY)
            _wait_for_lock(folder)
    try:
        yield
    finally:
        if folder is not None:
            os.close(folder)


def _wait_for_lock(folder: int) -> None:
    """Lock a folder. Continue without the lock after `_LOCK_TIMEOUT`.

    Without this timeout, a suspended process that has locked the folder would block all other processes.
    """
    end = time.monotonic() + _LOCK_TIMEOUT
    while time.monotonic() < end:
        with suppress(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.005)


def is_plugin() -> bool:
    """Return whether the engine started this process. The engine passes its address as the last argument."""
    return bool(_ENGINE_ADDRESS.fullmatch(sys.argv[-1]))


@atexit.register
def _remove_own_files() -> None:
    for path, file in list(_own.items()):
        file.close()
        with suppress(OSError):
            path.unlink()
    for folder in _prepared:
        with suppress(OSError):  # the folder is not empty if other processes have files there
            folder.rmdir()
    _own.clear()
    _others.clear()
    _prepared.clear()


def _own_file() -> IO[str]:
    path = _run_folder() / str(os.getpid())
    if path not in _own:
        _own[path] = (_prepared_run_folder() / path.name).open("w")
        if fcntl is not None:
            fcntl.flock(_own[path], fcntl.LOCK_SH | fcntl.LOCK_NB)
    return _own[path]


def _read(path: Path) -> _Others:
    """Return all facts in another process's file. Reads only the lines added since the previous call."""
    known = _others.setdefault(path, _Others())
    with path.open() as file:
        file.seek(known.position)
        added = file.read()
    complete = added[: added.rfind("\n") + 1]
    known.position += len(complete)
    for line in complete.splitlines():
        subject, _, fact = line.partition(" ")
        known.facts[subject] = fact
    return known


def _is_alive(path: Path) -> bool:
    """Return whether the process that wrote a file is alive."""
    if fcntl is None:
        return True  # pragma: no cover - Windows
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _run_folder() -> Path:
    """Return the path of this run's folder. It is inside a private folder of the user."""
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    address = sys.argv[-1]
    return Path(tempfile.gettempdir()) / f"pulumi-sinch-{user}" / _hash(address + _socket_number(address))


@functools.cache
def _socket_number(address: str) -> str:
    """Return the inode number of the socket that listens on an IPv4 address.

    The inode number can be found only on Linux. On other systems, the result is an empty string.
    """
    host, _, port = address.rpartition(":")
    with suppress(OSError):
        packed = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}"
        # An IPv6 socket can listen on an IPv4 address (RFC 4291, 2.5.5.2).
        mapped = f"{'0' * 16}{socket.htonl(0xFFFF):08X}{packed}"
        for table, listened in (("/proc/net/tcp", packed), ("/proc/net/tcp6", mapped)):
            for line in Path(table).read_text().splitlines():
                fields = line.split()
                if fields[1] == f"{listened}:{int(port):04X}" and fields[3] == _LISTENING:
                    return fields[9]
    return ""


def _prepared_run_folder() -> Path:
    """Return the folder of this run, and create it if needed.

    The parent of this folder must be private to the user. On Windows, the parent is not checked, because each
    user has a private temporary folder.

    Raises:
        PermissionError: The parent folder is not private to the user.
    """
    folder = _run_folder()
    if folder in _prepared:
        folder.mkdir(exist_ok=True)  # another process may have removed the folder when it ended
        return folder
    private = folder.parent
    private.mkdir(mode=0o700, exist_ok=True)
    status = private.lstat()
    is_private = not hasattr(os, "getuid") or (
        stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
    )
    if not is_private:
        raise PermissionError
    _delete_old_runs(private)
    folder.mkdir(exist_ok=True)
    _prepared.add(folder)
    return folder


def _delete_old_runs(private: Path) -> None:
    """Delete the folders of old runs whose processes were killed."""
    oldest = time.time() - _MAX_AGE
    for folder in private.iterdir():
        with suppress(OSError):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder)
