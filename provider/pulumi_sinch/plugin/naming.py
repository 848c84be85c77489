"""Translate the names of properties: the provider plugin uses camelCase, and `core` uses snake_case.

The functions translate names in data and in messages.
"""

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi import contains_unknowns
from pulumi.runtime import rpc

from pulumi_sinch.core.route import Route
from pulumi_sinch.plugin.properties import PROPERTIES, WEBHOOK

_OPTIONS = {"delete_before_replace": "deleteBeforeReplace", "replace_with": "replaceWith"}
_NAMES_IN_CORE = {name: key for key, name in PROPERTIES.items()}
# Matches whole names only, not parts of a longer name, a path or a URL.
_WORDS = re.compile(rf"(?<![\w/.-])({'|'.join(PROPERTIES | _OPTIONS)})(?![\w/-])")


def translated(text: str) -> str:
    """Return a message of `core` with the property names of the provider plugin."""
    return _WORDS.sub(lambda word: (PROPERTIES | _OPTIONS)[word[0]], text)


def is_from_python(outputs: Mapping[str, Any]) -> bool:
    """Return whether the dynamic provider wrote these outputs into the state.

    The provider plugin gets outputs of the dynamic provider if a user moved a webhook to the plugin with an
    alias.
    """
    return not PROPERTIES.keys().isdisjoint(outputs)


def misspelt(props: Mapping[str, Any]) -> list[str]:
    """Return a problem for each property whose name is spelled as in Python, such as ``project_id``.

    The checks of `core` accept ``project_id``, because `core` uses the property names of Python programs.
    """
    return [
        f"{name} is not a property of a webhook: did you mean {PROPERTIES[name]}?"
        for name in sorted(PROPERTIES.keys() & props.keys())
    ]


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Convert a webhook's properties from the engine's format, with the property names of `core`."""
    return {_NAMES_IN_CORE.get(name, name): value for name, value in decode_settings(struct).items()}


def decode_settings(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Convert the settings of a provider from the engine's format to a dictionary.

    Settings have the same names in `core` and in the plugin. Secrets become plain values. Unknown values
    become `pulumi.output.Unknown` objects, as with the dynamic provider.
    """
    values: dict[str, Any]
    values, _ = rpc.deserialize_properties_unwrap_secrets(struct, keep_unknowns=True)
    return values


def encode(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Convert properties to the engine's format, with the names of the provider plugin."""
    struct = struct_pb2.Struct()
    struct.update(_encoded(props))
    return struct


def path(core_path: str) -> str:
    """Translate a property path of `core`, such as ``triggers[2]``, to the name that the plugin uses."""
    return PROPERTIES.get(core_path, core_path)


def _encoded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {path(key): _encoded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(part) for part in value]
    return rpc.UNKNOWN if contains_unknowns(value) else value


def _import_command(project_id: str, webhook_id: str) -> str:
    return f"pulumi import {WEBHOOK} NAME {project_id}/{webhook_id or 'ID'}"


ROUTE = Route(
    adopt="`adopt: true`",
    allow_unknown_triggers="`allowUnknownTriggers: true`",
    aliases="the option `aliases`",
    delete_before_replace="the option `deleteBeforeReplace: true`",
    booleans="true or false",
    trigger_list='triggers: ["…"]',
    trigger_type="the enumeration sinch:index:Trigger",
    list_function="getWebhooks",
    import_command=_import_command,
    spell=translated,
)
"""The words for the provider plugin, in the syntax of YAML. Other languages use the same property names."""
