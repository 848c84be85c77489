"""Read the schema of the Pulumi package (`schema.json`).

Pulumi uses the schema to generate SDKs and to check programs.
"""

import json
from importlib import resources
from typing import Any

from pulumi_sinch.version import __version__


def read() -> dict[str, Any]:
    """Return the schema, with the version of the installed package `pulumi-sinch`."""
    text = resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return {**schema, "version": __version__}


def as_json() -> str:
    """Return the schema as JSON text, which the engine expects."""
    return json.dumps(read())
