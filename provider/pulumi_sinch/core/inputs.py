"""What a webhook may be given, and how it is brought into the form that the engine stores.

Pure functions: no network, no clock. The rules are Sinch's (CONTRACT.md, Fields) unless a line says otherwise.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi import contains_unknowns
from pydantic_core import PydanticCustomError, SchemaValidator, Url, ValidationError, core_schema

from pulumi_sinch.api.errors import clean
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, known_part

MAX_TARGET_LENGTH = 742
MAX_SECRET_LENGTH = 128
_REQUIRED = ("target", "triggers")

_URL_START = re.compile(r"https?://[^/?#]", re.IGNORECASE)
PROJECT_ID = re.compile(r"[A-Za-z0-9_-]+")
_TRIGGER = re.compile(r"[A-Z][A-Z0-9_]*")
_SHOWABLE_TRIGGER = re.compile(r"[A-Za-z0-9_.-]{1,80}")


def _refusal(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("input", "{sentence}", {"sentence": sentence})


def _target(value: object) -> str:
    if not isinstance(value, str):
        raise _refusal("must be a string")
    if not 1 <= len(value) <= MAX_TARGET_LENGTH:
        raise _refusal(f"must have 1 to {MAX_TARGET_LENGTH} characters, not {len(value)}")
    if not _URL_START.match(value) or not value.isprintable() or " " in value:
        raise _refusal("must be an http or https URL, such as https://hooks.example.com/sinch")
    try:
        Url(value)
    except ValidationError:
        raise _refusal("must be an http or https URL with a valid host and port") from None
    return value


def _triggers(value: object) -> list[Any]:
    """Check the shape; `_trigger_problems` looks at the triggers themselves."""
    if isinstance(value, str):
        raise _refusal('must be a list, not a string: write triggers=["…"]')
    if not isinstance(value, Sequence):
        raise _refusal("must be a list of triggers")
    if not value:
        raise _refusal("must hold at least one trigger")
    known = [trigger for trigger in value if not contains_unknowns(trigger)]
    if not all(isinstance(trigger, str) for trigger in known):
        raise _refusal("must hold only strings and members of Trigger")
    return [*value]


def _secret(value: object) -> str:
    if not isinstance(value, str):
        raise _refusal("must be a string")
    if not 1 <= len(value) <= MAX_SECRET_LENGTH:
        raise _refusal(f"must have 1 to {MAX_SECRET_LENGTH} characters, not {len(value)}")
    return value


def _secret_version(value: object) -> str:
    """Make 1, 1.0 (how the engine hands numbers over) and "1" the same version."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        raise _refusal("must be a string that is not empty, or a whole number")
    return str(int(value))


def _project_id(value: object) -> str:
    if not isinstance(value, str) or not PROJECT_ID.fullmatch(value):
        raise _refusal("must be a Sinch project id: letters, digits, hyphens and underscores")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _refusal("must be True or False")
    return value


def _checked_by(check: Callable[[object], Any]) -> core_schema.TypedDictField:
    """Let a check decide alone about what is known; a list of triggers may be known in part."""

    def validate_known(value: object) -> Any:  # noqa: ANN401 - a value that is not known yet has no type
        in_part = check is _triggers and isinstance(value, list)
        return check(value) if in_part or not contains_unknowns(value) else value

    schema = core_schema.no_info_plain_validator_function(validate_known)
    return core_schema.typed_dict_field(schema, required=False)


# The core of pydantic alone: its models would add a tenth to the time of a small `up` (docs/performance.md).
_INPUTS = SchemaValidator(
    core_schema.typed_dict_schema(
        {
            "target": _checked_by(_target),
            "triggers": _checked_by(_triggers),
            "secret": _checked_by(_secret),
            "secret_version": _checked_by(_secret_version),
            "project_id": _checked_by(_project_id),
            "adopt": _checked_by(_flag),
            "allow_unknown_triggers": _checked_by(_flag),
        },
        extra_behavior="forbid",
    )
)
"""The inputs of a webhook. Keys are those of the program; a refusal never holds the refused value."""


def validate(
    given: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Check the inputs of a program.

    Args:
        given: What the engine hands to `check`. Values that are not known yet are skipped.
        stored: The inputs in the state. An equal value is accepted as it is: with `ignore_changes` the engine hands
            over the value of the state, which may have drifted to one that a program may not declare.

    Returns:
        The inputs in their stored form, without those that are not set, and every problem as a sentence that starts
        with the property's name and never holds the value of `target` or `secret`.
    """
    given = {key: value for key, value in given.items() if value is not None and not key.startswith("__")}
    kept = {key: value for key, value in given.items() if stored and key in stored and stored[key] == value}
    fresh = {key: value for key, value in given.items() if key not in kept}
    problems = [f"{key} must be given" for key in _REQUIRED if key not in given]
    try:
        values = kept | _INPUTS.validate_python(fresh)
    except ValidationError as error:
        refused = {str(detail["loc"][0]): detail for detail in error.errors(include_input=False)}
        problems += [_sentence(key, detail["type"], detail["msg"]) for key, detail in refused.items()]
        values = {key: value for key, value in given.items() if key not in refused}
    if "triggers" not in kept:
        problems += _trigger_problems(values)
    return {key: value for key, value in values.items() if value not in (None, False)}, problems


def _sentence(key: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"{clean(key)} is not a property of a webhook"
    return f"{key} {message}"


def _trigger_problems(values: Mapping[str, Any]) -> list[str]:
    """Refuse triggers that do not go together, and those that this release does not know.

    The program can allow the latter.
    """
    triggers = values.get("triggers", ())
    allow = values.get("allow_unknown_triggers", False)
    known = known_part(triggers if isinstance(triggers, list) else ())
    problems = []
    if Trigger.ALL.value in known and set(known) != {Trigger.ALL.value}:
        problems.append("triggers must not hold ALL together with others: ALL covers them")
    if contains_unknowns(allow):
        return problems
    for position, trigger in enumerate(known, start=1):
        accepted = trigger in KNOWN_TRIGGERS or (allow and _TRIGGER.fullmatch(trigger))
        if not accepted and trigger not in known[: position - 1]:
            problems.append(_unknown_trigger(trigger, position, allow=allow))
    return problems


def _unknown_trigger(trigger: str, position: int, *, allow: bool) -> str:
    # Anything else may be a target or a secret in the wrong place.
    shown = repr(trigger.strip()) if _SHOWABLE_TRIGGER.fullmatch(trigger.strip()) else f"number {position}"
    similar = difflib.get_close_matches(trigger.strip().upper(), sorted(KNOWN_TRIGGERS), n=1)
    if similar:
        advice = f"did you mean {similar[0]}?"
    elif allow:
        advice = "it must be in capital letters, digits and underscores"
    else:
        advice = "see pulumi_sinch.Trigger"
    newer = "" if allow else " (allow_unknown_triggers=True accepts one that is newer than this release)"
    return f"triggers: {shown} is not a known trigger: {advice}{newer}"
