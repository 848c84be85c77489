"""The config of a stack, as the Pulumi CLI prints it."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.redaction import sanitize

_TIMEOUT = 60
"""Timeout in seconds. The Pulumi CLI may send requests to a backend and a secrets provider."""


def read_stack_config(stack: str) -> Mapping[str, Any]:
    """Return the config of a stack, including secrets. The current folder has the stack's Pulumi project.

    Keys are full, such as ``sinch:keyId``.

    Args:
        stack: The name of the stack.

    Raises:
        SinchError: The Pulumi CLI cannot be started, or cannot read the config.
    """
    failed = f"reading the config of stack {sanitize(stack)} failed"
    # Option and value are one argument, because the name may begin with a hyphen.
    command = ["pulumi", "config", f"--stack={stack}", "--show-secrets", "--json", "--non-interactive"]
    try:
        ran = subprocess.run(  # noqa: S603 - no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except FileNotFoundError:
        raise SinchError(f"{failed}: the command pulumi is not on the PATH") from None
    except subprocess.TimeoutExpired:
        raise SinchError(f"{failed}: pulumi did not end within {_TIMEOUT} s") from None
    if ran.returncode:
        raise SinchError(
            f"{failed}: {sanitize(ran.stderr.strip().removeprefix('error: '))}",
            hint="Run this command in the folder of Pulumi.yaml. `pulumi stack ls` lists the stacks.",
        )
    try:
        return {key: entry.get("value") for key, entry in json.loads(ran.stdout).items()}
    except (ValueError, AttributeError):
        raise SinchError(f"{failed}: pulumi printed no JSON object") from None
