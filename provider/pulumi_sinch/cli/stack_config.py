"""Read the config of a stack with the Pulumi CLI."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.redaction import sanitize

_TIMEOUT = 60
"""Timeout of the Pulumi CLI in seconds. It may send requests to a backend and a secrets provider."""


def read_stack_config(stack: str) -> Mapping[str, Any]:
    """Return the config of a stack, including secrets. Keys have a namespace, such as ``sinch:keyId``.

    The current folder must contain the ``Pulumi.yaml`` of the stack.

    Args:
        stack: The name of the stack.

    Raises:
        SinchError: The Pulumi CLI cannot be started, or cannot read the config.
    """
    failed = f"reading the config of stack {sanitize(stack)} failed"
    # The option and its value are one argument, because the name of a stack may begin with a hyphen.
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
