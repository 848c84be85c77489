"""Redact a preview, so that it can be stored.

The result contains only the data that `preview-comment` needs, with redacted targets and without secrets.
"""

import base64
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_sinch.cli.preview_comment.pulumi_output import (
    REDACTED_TARGET,
    TARGET_NUMBER,
    Output,
    is_unknown,
    mapping,
    read,
    sequence,
    shown,
    target_of,
)
from pulumi_sinch.cli.preview_comment.steps import PROVIDER_NAMES, by_resource, is_our_provider, is_webhook
from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY
from pulumi_sinch.plugin.properties import PROPERTIES
from pulumi_sinch.redaction import hide_values

# Replaces the pickled provider, because the pickle of a user's own provider can contain the user's code.
_PROVIDER = base64.b64encode(b" ".join(PROVIDER_NAMES)).decode()
_FLAGS = ("external", "retainOnDelete", "pendingReplacement")
_SHOWN = ("triggers", "project_id", PROPERTIES["project_id"], "adopt")


def redact(text: str, *, hide: Iterable[str] = ()) -> str:
    """Return a preview without private data, as JSON in the format of `pulumi preview --json`.

    `preview-comment` prints the same comment for the result as for the preview itself. If the text is not a
    preview, the result is a failed preview.

    Args:
        text: Output of `pulumi preview --json`. Lines around the JSON are skipped.
        hide: Values that must not be in the result, such as tokens in the environment.
    """
    output = read(text, hide=frozenset(hide))
    numbers = _Numbers()
    webhooks = {urn for urn, steps in by_resource(output.steps) if is_webhook(urn, steps)}
    document: dict[str, Any] = {
        "steps": [_step(step, webhooks, output, numbers) for step in output.steps],
        "diagnostics": [
            {"severity": severity, "message": message} for severity, message in output.diagnostics
        ],
        "changeSummary": {str(key): count for key, count in output.summary.items() if isinstance(count, int)},
    }
    if not output.found and not output.diagnostics:
        document["changeSummary"] = None
    return json.dumps(document, indent=1) + "\n"


class _Numbers:
    """Assigns a number to each target and each id of a preview.

    Two different targets can have the same redacted form, but they have different numbers.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._next = itertools.count(1)

    def of(self, identity: str) -> int:
        if identity not in self._numbers:
            self._numbers[identity] = next(self._next)
        return self._numbers[identity]


def _step(step: Mapping[str, Any], webhooks: set[str], output: Output, numbers: _Numbers) -> dict[str, Any]:
    is_ours = str(step.get("urn")) in webhooks
    redacted: dict[str, Any] = {
        "op": _text(step.get("op"), output),
        "urn": _text(step.get("urn"), output),
    }
    for key in ("oldState", "newState"):
        if isinstance(step.get(key), Mapping):
            redacted[key] = _state(step[key], output, numbers, is_ours=is_ours)
    if is_ours:
        redacted["diffReasons"] = [_text(key, output) for key in sequence(step.get("diffReasons"))]
        redacted["detailedDiff"] = {_text(key, output): {} for key in mapping(step.get("detailedDiff"))}
    return redacted


def _state(state: Mapping[str, Any], output: Output, numbers: _Numbers, *, is_ours: bool) -> dict[str, Any]:
    redacted: dict[str, Any] = {key: state[key] for key in _FLAGS if isinstance(state.get(key), bool)}
    if state.get("importID"):
        redacted["importID"] = str(numbers.of(f"id {state['importID']}"))
    if state.get("id"):
        identity = str(state["id"])
        redacted["id"] = _text(identity, output) if is_ours else str(numbers.of(f"id {identity}"))
    if is_ours:
        for part in ("inputs", "outputs"):
            if isinstance(state.get(part), Mapping):
                redacted[part] = _properties(state[part], output, numbers)
    return redacted


def _properties(properties: Mapping[str, Any], output: Output, numbers: _Numbers) -> dict[str, Any]:
    redacted = {key: _value(properties[key], output) for key in _SHOWN if key in properties}
    if is_our_provider(properties.get("__provider")):
        redacted["__provider"] = _PROVIDER
    target = properties.get("target")
    if "target" in properties:
        redacted["target"] = target if is_unknown(target) else _target(target, output, numbers)
    return redacted


def _target(target: object, output: Output, numbers: _Numbers) -> object:
    text, identity = target_of(target, output.secrets)
    if isinstance(target, Mapping) and REDACTED_TARGET not in target:
        return _value(target, output)
    return {REDACTED_TARGET: text, TARGET_NUMBER: numbers.of(f"target {identity}")}


def _value(value: object, output: Output) -> object:
    """Return the redacted value of a property, in Pulumi's format."""
    if value is None or isinstance(value, bool) or is_unknown(value):
        return value
    if isinstance(value, list):
        return [_value(item, output) for item in value]
    if isinstance(value, Mapping):
        return {SIGNATURE_KEY: SECRET_SIGNATURE} if value.get(SIGNATURE_KEY) == SECRET_SIGNATURE else {}
    return shown(value, output.secrets)


def _text(value: object, output: Output) -> str:
    """Return a name without secrets. The name is never shortened, so that different names stay different."""
    return hide_values(str(value), output.secrets)
