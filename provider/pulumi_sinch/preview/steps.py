"""Steps of a preview: their kind of change, and the parts of their URN."""

from collections.abc import Mapping
from typing import Any

from pulumi_sinch.preview.model import Kind
from pulumi_sinch.preview.output import UNKNOWN

_KINDS = {
    "replace": Kind.REPLACE,
    "create-replacement": Kind.REPLACE,
    "delete-replaced": Kind.REPLACE,
    "import-replacement": Kind.REPLACE,
    "remove-pending-replace": Kind.REPLACE,
    "delete": Kind.DELETE,
    "import": Kind.IMPORT,
    "create": Kind.CREATE,
    "update": Kind.UPDATE,
    "read": Kind.READ,
    "read-replacement": Kind.READ,
    "discard": Kind.READ,
    "discard-replaced": Kind.READ,
    "same": Kind.SAME,
    "refresh": Kind.SAME,
}


def kind_of(step: Mapping[str, Any]) -> Kind:
    """Return the kind of change of one step."""
    return _KINDS.get(str(step.get("op")), Kind.OTHER)


def type_of(urn: str) -> str:
    """Return the resource type in a URN."""
    return _parts(urn)[2].rpartition("$")[2]


def parent_of(urn: str) -> str:
    """Return the types of the components in a URN, or an empty string."""
    return _parts(urn)[2].rpartition("$")[0]


def name_of(urn: str) -> str:
    """Return the resource name in a URN."""
    return _parts(urn)[3] or UNKNOWN


def _parts(urn: str) -> list[str]:
    # urn:pulumi:<stack>::<project>::<type$type>::<name>; only the name may hold "::" itself.
    parts = urn.split("::", 3)
    return parts + [""] * (4 - len(parts))
