"""Writing files that must not be half written, read by others or replaced by accident."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pulumi_sinch.api.errors import SinchError


def write_files(texts: Mapping[Path, str], *, private: Path, force: bool) -> None:
    """Write files, each at once or not at all.

    Args:
        texts: Contents by path.
        private: The one that only its owner may read.
        force: Replace files that exist.

    Raises:
        SinchError: A file exists and `force` is off; then none is written.
        OSError: A file cannot be written.
    """
    existing = [str(path) for path in texts if os.path.lexists(path)]
    if existing and not force:
        verb = "exist" if len(existing) > 1 else "exists"
        raise SinchError(f"{' and '.join(existing)} already {verb}", hint="--force replaces what is there.")
    for path, text in texts.items():
        _write(path, text, mode=0o600 if path == private else 0o666)


def _write(path: Path, text: str, mode: int) -> None:
    """Write beside the file and move it there, so that nobody ever reads half of it, or with wider permissions."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
