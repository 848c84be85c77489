"""What differs between the state and the program, and what has to be sent for it. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import contains_unknowns

STORED = ("target", "triggers", "project_id", "secret", "previous_secret", "secret_version")
"""The properties that the state holds of a webhook; the other inputs only steer how it is created."""


def differs(key: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether a property changes, or may change because it is not known yet.

    Args:
        key: One of `STORED`.
        olds: The outputs in the state.
        news: The checked inputs.
    """
    old, new = olds.get(key), news.get(key)
    if contains_unknowns(new):
        return True
    if key == "triggers":
        return set(old or ()) != set(new or ())
    if key == "secret" and new is None:
        return False  # Sinch's own stays
    return (old or None) != (new or None)


def any_differs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether anything that the state holds changes."""
    return any(differs(key, olds, news) for key in STORED)


@dataclass(frozen=True)
class UpdatePlan:
    """What an update sends.

    Attributes:
        fields: Field names of the API and their values; empty where nothing has to be sent.
        complete: Whether it is the whole webhook (PUT) or just what changes (PATCH).
    """

    fields: Mapping[str, Any] = field(repr=False)
    complete: bool


def plan_update(olds: Mapping[str, Any], news: Mapping[str, Any]) -> UpdatePlan:
    """Choose between PATCH of what changes and PUT of everything.

    Everything is sent where the secret is sent and Sinch is not known to have the one of the state: it was adopted or
    imported without one, or it is sent again together with other changes.
    """
    fields = {key: news[key] for key in ("target", "triggers") if differs(key, olds, news)}
    secret = news.get("secret")
    sent_again = differs("secret_version", olds, news)
    if not secret or not (sent_again or differs("secret", olds, news)):
        return UpdatePlan(fields, complete=False)
    if not olds.get("secret") or (sent_again and fields):
        return UpdatePlan({key: news[key] for key in ("target", "secret", "triggers")}, complete=True)
    return UpdatePlan({**fields, "secret": secret}, complete=False)
