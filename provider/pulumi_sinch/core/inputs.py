"""Validate the inputs of a webhook, and normalize them for the state.

All functions are pure: they use no network and no clock. The rules for valid inputs are the rules of Sinch
(CONTRACT.md, Fields), unless a comment says otherwise.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pulumi import contains_unknowns
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import Url

from pulumi_sinch.api.triggers import Trigger, similar_trigger
from pulumi_sinch.core import route
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, known_part
from pulumi_sinch.redaction import sanitize

MAX_TARGET_LENGTH = 742
MAX_SECRET_LENGTH = 128
_REQUIRED = ("target", "triggers")

_URL_START = re.compile(r"https?://[^/?#]", re.IGNORECASE)
PROJECT_ID = re.compile(r"[A-Za-z0-9_-]+")
_TRIGGER = re.compile(r"[A-Z][A-Z0-9_]*")
_SHOWABLE_TRIGGER = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class WebhookInputs(BaseModel):
    """The inputs of a webhook, without unknown values. Each field is named like the input in Python.

    Error messages never contain the value of an input. The value could be a secret, because a program can by
    mistake pass its secret as another input.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", hide_input_in_errors=True)

    target: str | None = None
    triggers: list[Any] | None = None
    secret: str | None = None
    secret_version: str | None = None
    project_id: str | None = None
    adopt: bool | None = None
    allow_unknown_triggers: bool | None = None

    @field_validator("target", mode="plain")
    @classmethod
    def _validate_target(cls, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if not 1 <= len(value) <= MAX_TARGET_LENGTH:
            raise ValueError(f"must have 1 to {MAX_TARGET_LENGTH} characters, not {len(value)}")
        if not _URL_START.match(value) or not value.isprintable() or " " in value:
            raise ValueError("must be an http or https URL, such as https://hooks.example.com/sinch")
        if "\\" in value:
            raise ValueError("must not contain a backslash: URL parsers would disagree about the host")
        try:
            port, hosts_agree = Url(value).port, _parsers_agree_about_host(value)
        except ValueError:  # pydantic's ValidationError is a ValueError too
            port, hosts_agree = 0, False
        if not port:
            raise ValueError("must be an http or https URL with a valid host and port")
        if not hosts_agree:
            raise ValueError(
                "must have an unambiguous host: without percent signs, and with all four decimal numbers if "
                "it is an IPv4 address"
            )
        return value

    @field_validator("triggers", mode="plain")
    @classmethod
    def _validate_triggers(cls, value: object) -> list[Any]:
        """Validate the type of the list and the types of its entries.

        Some entries can be unknown in a preview. `_trigger_problems` validates the names of the triggers.
        """
        if isinstance(value, str):
            raise ValueError(f"must be a list, not a string: write {route.current().trigger_list}")
        if not isinstance(value, Sequence):
            raise ValueError("must be a list of triggers")
        if not value:
            raise ValueError("must contain at least one trigger")
        known = [trigger for trigger in value if not contains_unknowns(trigger)]
        if not all(isinstance(trigger, str) for trigger in known):
            raise ValueError(f"must contain only strings and members of {route.current().trigger_type}")
        return [*value]

    @field_validator("secret", mode="plain")
    @classmethod
    def _validate_secret(cls, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if not 1 <= len(value) <= MAX_SECRET_LENGTH:
            raise ValueError(f"must have 1 to {MAX_SECRET_LENGTH} characters, not {len(value)}")
        return value

    @field_validator("secret_version", mode="plain")
    @classmethod
    def _validate_secret_version(cls, value: object) -> str:
        """Return the version as a string, so that 1, 1.0 and "1" are the same version.

        The engine sends numbers as floats.
        """
        if isinstance(value, str) and value:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
            raise ValueError("must be a string that is not empty, or a whole number")
        return str(int(value))

    @field_validator("project_id", mode="plain")
    @classmethod
    def _validate_project_id(cls, value: object) -> str:
        if not isinstance(value, str) or not PROJECT_ID.fullmatch(value):
            raise ValueError("must be a Sinch project id: letters, digits, hyphens and underscores")
        return value

    @field_validator("adopt", "allow_unknown_triggers", mode="plain")
    @classmethod
    def _validate_flag(cls, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"must be {route.current().booleans}")
        return value


def validate(
    given: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Validate the inputs of a webhook.

    Args:
        given: The inputs as the engine sends them. Unknown values are not validated.
        stored: The inputs in the state. If an input has the same value in `given` and in the state, this
            value is not validated. With `ignore_changes`, the engine sends the values in the state, and a
            refresh after drift can store invalid values in the state.

    Returns:
        The inputs to store, and all problems. The inputs do not contain values that are `None` or `False`.
        Each problem is a sentence that starts with the property's name. No problem contains the value of
        `target` or `secret`.
    """
    given = {key: value for key, value in given.items() if value is not None and not key.startswith("__")}
    stored = stored or {}
    kept = {key: value for key, value in given.items() if key in stored and stored[key] == value}
    unknown = {key: value for key, value in given.items() if key not in kept and _is_unknown(key, value)}
    fresh = {key: value for key, value in given.items() if key not in kept | unknown}
    problems = [f"{key} is required" for key in _REQUIRED if key not in given]
    values = dict(given)
    try:
        model = WebhookInputs.model_validate(fresh)
    except ValidationError as error:
        # Do not raise or chain this error, because it contains the inputs. Use only parts of it.
        for detail in error.errors(include_input=False, include_url=False):
            key = str(detail["loc"][0])
            del values[key]
            if detail["type"] == "extra_forbidden":
                problems.append(f"{sanitize(key)} is not a property of a webhook")
            else:
                problems.append(f"{key} {detail['ctx']['error']}")
    else:
        values |= {key: getattr(model, key) for key in fresh}
    if "triggers" not in kept:
        problems += _trigger_problems(values)
    return {key: value for key, value in values.items() if value not in (None, False)}, problems


def _parsers_agree_about_host(url: str) -> bool:
    """Return whether a WHATWG parser and an RFC 3986 parser find the same host in a URL.

    Different spellings of the same host count as equal. Examples are upper and lower case, an international
    name and its IDNA form, or a long and a short form of an IPv6 address.

    Raises:
        ValueError: One of the parsers rejects the URL.
    """
    host, other = Url(url).host or "", urlsplit(url).hostname or ""
    address = _ip_address(host.strip("[]"))
    if address is not None:
        return address == _ip_address(other)
    # The WHATWG parser decodes percent-encoded characters in a host. The RFC 3986 parser does not.
    return "%" not in other and host == Url(f"https://{other}/").host


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_unknown(key: str, value: object) -> bool:
    """Return whether the value of a property is unknown, so that it cannot be validated yet.

    A list of triggers never counts as unknown, because its known entries can be validated. An input that is
    not a property of a webhook never counts as unknown either, so that it is always reported as an error.
    """
    if key not in WebhookInputs.model_fields or (key == "triggers" and isinstance(value, list)):
        return False
    return contains_unknowns(value)


def _trigger_problems(values: Mapping[str, Any]) -> list[str]:
    """Return one problem for each invalid trigger, and one if `ALL` is combined with other triggers.

    A trigger that this release does not know is valid only if the program sets `allow_unknown_triggers`.
    """
    triggers = values.get("triggers", ())
    allow = values.get("allow_unknown_triggers", False)
    known = known_part(triggers if isinstance(triggers, list) else ())
    problems = []
    if Trigger.ALL.value in known and set(known) != {Trigger.ALL.value}:
        problems.append(
            "triggers must not contain ALL together with other triggers, because ALL includes them"
        )
    if contains_unknowns(allow):
        return problems
    problems += [
        _unknown_trigger(trigger, triggers.index(trigger) + 1, allow=allow)
        for trigger in dict.fromkeys(known)
        if trigger not in KNOWN_TRIGGERS and not (allow and _TRIGGER.fullmatch(trigger))
    ]
    return problems


def _unknown_trigger(trigger: str, position: int, *, allow: bool) -> str:
    # Show only text that looks like a trigger. Other text may be a secret that was passed by mistake.
    is_showable = _SHOWABLE_TRIGGER.fullmatch(trigger.strip())
    shown = repr(trigger.strip()) if is_showable else f"entry {position} of the list (its value is not shown)"
    similar = similar_trigger(trigger.strip())
    if allow and not similar:
        return (
            f"triggers: {shown} cannot be a trigger: it must begin with a capital letter, and contain only "
            "capital letters, digits and underscores"
        )
    words = route.current()
    advice = f"did you mean {similar}?" if similar else f"see {words.trigger_type}"
    newer = (
        f" ({words.allow_unknown_triggers} accepts a trigger that is newer than this release of pulumi-sinch)"
    )
    return f"triggers: {shown} is not a known trigger: {advice}{'' if allow else newer}"
