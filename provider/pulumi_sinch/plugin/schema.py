"""The schema of the Pulumi package (`schema.json`), for generated SDKs and for checks of programs."""

import json
from importlib import resources
from typing import Any

from pulumi_sinch.version import __version__


def read() -> dict[str, Any]:
    """Return the schema, with the version of this distribution."""
    text = resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return {**schema, "version": __version__}


def as_json() -> str:
    """Return the schema as the engine reads it."""
    return json.dumps(read())
