"""Validate the fields of a webhook (CONTRACT.md, Fields). Undocumented rules are configurable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.emulator import errors
from pulumi_sinch.urls import is_http_url

QUOTA = 15
TARGET_LIMIT = 742
SECRET_LIMIT = 128

TriggerOrder = Literal["sent", "alphabetical", "reversed"]


@dataclass(frozen=True)
class Behavior:
    """The behavior of the emulator where the behavior of Sinch is undocumented.

    Attributes:
        https_only: Whether to reject targets with ``http``.
        all_with_others: Whether to accept ``ALL`` together with other triggers.
        trigger_order: Order of the triggers in responses. ``sent`` is the order in the request. ``reversed``
            is the opposite of the order in the request. ``alphabetical`` is the alphabetical order.
        extra_triggers: Triggers to accept in addition to the triggers that Sinch documents.
    """

    https_only: bool = False
    all_with_others: bool = True
    trigger_order: TriggerOrder = "sent"
    extra_triggers: frozenset[str] = frozenset()

    def ordered(self, triggers: tuple[str, ...]) -> tuple[str, ...]:
        """Return triggers in the order in which a response contains them."""
        if self.trigger_order == "alphabetical":
            return tuple(sorted(triggers))
        return triggers[::-1] if self.trigger_order == "reversed" else triggers


@dataclass(frozen=True)
class Fields:
    """The fields of one request, after validation. A field is None if the request did not contain it."""

    target: str | None = None
    triggers: tuple[str, ...] | None = None
    secret: str | None = None

    def __repr__(self) -> str:
        """Return a text with the target and the triggers, but without the secret."""
        return f"Fields(target={self.target!r}, triggers={self.triggers!r})"


_KNOWN_TRIGGERS = frozenset(trigger.value for trigger in Trigger)


def check_fields(
    body: Mapping[str, object], behavior: Behavior, *, partial: bool, any_trigger: bool = False
) -> Fields:
    """Validate the webhook fields in a request body. Fields that Sinch does not document are ignored.

    Args:
        body: The JSON object in the request body.
        behavior: The behavior of the emulator where the behavior of Sinch is undocumented.
        partial: Whether all fields are optional, as in a PATCH request.
        any_trigger: Whether triggers are valid even if Sinch does not document them.

    Returns:
        The fields that the request contained.

    Raises:
        RefusedError: At least one field is invalid (``invalid_input``). The error lists all invalid fields.
    """
    problems: list[str] = []
    if not partial:
        problems += [f"{name} is required" for name in ("target", "triggers", "secret") if name not in body]
    if "target" in body:
        problems += _target_problems(body["target"], behavior)
    if "triggers" in body:
        problems += _trigger_problems(body["triggers"], behavior, any_trigger=any_trigger)
    if "secret" in body:
        problems += _secret_problems(body["secret"])
    if problems:
        raise errors.invalid_input(problems)
    target, triggers, secret = body.get("target"), body.get("triggers"), body.get("secret")
    return Fields(
        target=target if isinstance(target, str) else None,
        triggers=behavior.ordered(tuple(map(str, triggers))) if isinstance(triggers, list) else None,
        secret=secret if isinstance(secret, str) else None,
    )


def _target_problems(target: object, behavior: Behavior) -> list[str]:
    if not isinstance(target, str):
        return ["target must be a string"]
    problems = []
    if not is_url(target):
        problems.append("target must be a URL address")
    elif behavior.https_only and not target.lower().startswith("https:"):
        problems.append("target must use https")
    if not 1 <= len(target) <= TARGET_LIMIT:
        problems.append(f"target must be 1 to {TARGET_LIMIT} characters long")
    return problems


def is_url(text: str) -> bool:
    """Return whether a text is an absolute http or https URL with a host."""
    if not text.isprintable() or " " in text or not is_http_url(text):
        return False
    try:
        return urlsplit(text).port != 0
    except ValueError:
        return False


def _trigger_problems(triggers: object, behavior: Behavior, *, any_trigger: bool) -> list[str]:
    if not isinstance(triggers, list) or not all(isinstance(trigger, str) for trigger in triggers):
        return ["triggers must be an array of strings"]
    problems = []
    if not triggers:
        problems.append("triggers must contain at least 1 element")
    if len(set(triggers)) != len(triggers):
        problems.append("triggers must not contain duplicates")
    if not any_trigger and not set(triggers) <= _KNOWN_TRIGGERS | behavior.extra_triggers:
        problems.append("each value in triggers must be one of the documented triggers")
    if not behavior.all_with_others and "ALL" in triggers and len(set(triggers)) > 1:
        problems.append("triggers must not contain ALL together with others")
    return problems


def _secret_problems(secret: object) -> list[str]:
    if not isinstance(secret, str):
        return ["secret must be a string"]
    if not 1 <= len(secret) <= SECRET_LIMIT:
        return [f"secret must be 1 to {SECRET_LIMIT} characters long"]
    try:
        secret.encode()
    except UnicodeEncodeError:
        return ["secret must be valid Unicode"]
    return []
