"""Read preview files, write results, and find secret values of environment variables."""

import codecs
import os
import re
import sys
from pathlib import Path

import click

_PRIVATE_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|_KEY$|_PAT$", re.IGNORECASE)
_SHORTEST_PRIVATE = 8


def private_values() -> list[str]:
    """Return the values of the environment variables whose names suggest a secret."""
    return [
        value
        for name, value in os.environ.items()
        if _PRIVATE_NAME.search(name) and len(value) >= _SHORTEST_PRIVATE
    ]


def read_file(file: str) -> str:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        click.UsageError: The file cannot be read. The message names it.
    """
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    # Windows PowerShell's `>` writes UTF-16.
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")


def write(text: str, out: Path | None) -> None:
    """Write the text to the file `out`, or print it if `out` is None."""
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        # The text is printed as bytes, because the console's encoding may lack the arrows in it.
        click.echo(text.encode("utf-8"), nl=False)
