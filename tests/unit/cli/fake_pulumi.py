"""A fake `pulumi` command, for tests of commands that start it."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class FakePulumi:
    """A shell script that records its arguments and prints a fixed text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prints(self, text: str, *, error: str = "", status: int = 0) -> None:
        script = self.folder / "pulumi"
        script.write_text(
            f'#!/bin/sh\necho "$@" > {shlex.quote(str(self.folder))}/arguments\n'
            f"printf %s {shlex.quote(text)}\nprintf %s {shlex.quote(error)} >&2\nexit {status}\n"
        )
        script.chmod(0o755)

    def prints_config(self, values: Mapping[str, Any]) -> None:
        """Print a config as `pulumi config --json` does."""
        self.prints(json.dumps({key: {"value": value, "secret": False} for key, value in values.items()}))

    def arguments(self) -> str:
        """Return the arguments of the last start."""
        return (self.folder / "arguments").read_text().strip()
