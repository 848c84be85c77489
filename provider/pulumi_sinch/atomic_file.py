"""Write a file completely or not at all."""

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace a file in one step, so that no reader ever sees half of it.

    Args:
        path: The file. An existing file is replaced.
        text: The new content.
        mode: Permissions of the file, reduced by the umask. Default: only the owner may read it.

    Raises:
        OSError: The file cannot be written. An existing file is unchanged.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
