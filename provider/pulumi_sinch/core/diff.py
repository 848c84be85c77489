"""Diff: compare the program with the state, and plan the request of an update."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN, Unknown

from pulumi_sinch.core import run_state, target_conflicts
from pulumi_sinch.core.signing_secret import decide_secret

STORED = ("target", "triggers", "project_id", "secret", "previous_secret", "secret_version")
"""The properties that a diff compares. The other inputs, such as `adopt`, matter only at create."""


@dataclass(frozen=True)
class Diffed:
    """The result of comparing a webhook in the program with its state.

    Attributes:
        changes: Whether any property in the state changes.
        replaces: The properties that force a replacement.
        delete_before_replace: Whether a replacement must delete the old webhook before it creates the new
            webhook.
        details: A mapping from the path of each changed property, such as ``triggers[2]``, to the kind of its
            change: ``add``, ``update`` or ``delete``.
    """

    changes: bool
    replaces: tuple[str, ...]
    delete_before_replace: bool
    details: Mapping[str, str]


def diff(webhook_id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diffed:
    """Compare the program with the state, and record in `run_state` that the resource owns its webhook.

    Args:
        webhook_id: The id of the webhook at Sinch.
        olds: The outputs in the state.
        news: The inputs that `check` returned. Values may be unknown.

    Raises:
        SinchError: Another resource of this run owns the webhook.
    """
    decided = _with_secrets(olds, news)
    moves = differs("project_id", olds, decided)
    changes = any_differs(olds, decided)
    if not run_state.current().see_id(webhook_id, olds, changes=changes):
        raise target_conflicts.shared("comparing the webhook", webhook_id)
    return Diffed(
        changes=changes,
        replaces=("project_id",) if moves else (),
        # If project and target stay the same, the old webhook must be deleted first: two webhooks of one
        # project cannot have the same target (CONTRACT.md, Fields).
        delete_before_replace=not (moves or differs("target", olds, decided)),
        details=_details(olds, decided, news),
    )


def _details(olds: Mapping[str, Any], news: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, str]:
    details: dict[str, str] = {}
    for key in STORED:
        if not differs(key, olds, news):
            continue
        old, new = olds.get(key), news.get(key)
        if key not in inputs and new:
            # The update will generate the secret, so the secret has no value yet. For a property without a
            # value, the engine shows an "add" as an unknown value, but an "update" as a deletion.
            details[key] = "add"
        elif key == "triggers" and old and new and not contains_unknowns(new):
            details |= _trigger_details(old, new)
        elif old and new:
            details[key] = "update"
        else:
            details[key] = "add" if new else "delete"
    return details


def _trigger_details(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Return the triggers that were deleted or added. A different order is not a change.

    A deleted trigger is reported at its position in the old list, and an added trigger at its position in the
    new list. If a deleted trigger and an added trigger have the same position, the two changes are reported
    as one ``update``.
    """
    deleted = {f"triggers[{position}]" for position, trigger in enumerate(old) if trigger not in new}
    added = {f"triggers[{position}]" for position, trigger in enumerate(new) if trigger not in old}
    return (
        dict.fromkeys(deleted - added, "delete")
        | dict.fromkeys(added - deleted, "add")
        | dict.fromkeys(added & deleted, "update")
    )


def differs(key: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether a property changes. An unknown new value counts as a change.

    Args:
        key: The property, which must be in `STORED`.
        olds: The outputs in the state.
        news: The inputs that `check` returned.
    """
    old, new = olds.get(key), news.get(key)
    if contains_unknowns(new):
        return True
    if key == "triggers":
        return set(old or ()) != set(new or ())
    if key == "secret" and new is None:
        return False  # no new secret is given, so the webhook keeps its secret
    return (old or None) != (new or None)


def any_differs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether any property in the state changes."""
    return any(differs(key, olds, news) for key in STORED)


@dataclass(frozen=True)
class UpdatePlan:
    """The request that an update sends to Sinch.

    Attributes:
        fields: The fields of the request body. Empty if the update needs no request.
        complete: True if the fields are the whole webhook, for a PUT. False if they are only the changes, for
            a PATCH.
    """

    fields: Mapping[str, Any] = field(repr=False)
    complete: bool


def plan_update(olds: Mapping[str, Any], news: Mapping[str, Any]) -> UpdatePlan:
    """Choose between a PATCH of the changes and a PUT of the whole webhook."""
    fields = {key: news[key] for key in ("target", "triggers") if differs(key, olds, news)}
    secret = news.get("secret")
    sent_again = differs("secret_version", olds, news)
    if not secret or not (sent_again or differs("secret", olds, news)):
        return UpdatePlan(fields, complete=False)
    # Send the whole webhook in two cases, in which the secret at Sinch may differ from the secret in the
    # state: the state has no secret, because the webhook was adopted or imported without one, or
    # `secret_version` changes together with the target or the triggers.
    if not olds.get("secret") or (sent_again and fields):
        return UpdatePlan({key: news[key] for key in ("target", "secret", "triggers")}, complete=True)
    return UpdatePlan({**fields, "secret": secret}, complete=False)


def outputs(inputs: Mapping[str, Any], secret: str | Unknown) -> dict[str, Any]:
    """Return the outputs of a webhook, which the engine stores in the state.

    The outputs do not contain flags, such as `adopt`. If the program does not set `secret_version`, the
    outputs do not contain it either: with the value `None`, the engine would treat this output as unknown in
    every preview (ENGINE.md, What each method gets).
    """
    kept = {
        key: inputs[key] for key in ("target", "triggers", "project_id", "secret_version") if key in inputs
    }
    return {**kept, "secret": secret, "previous_secret": inputs.get("previous_secret", "")}


def preview_create(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a webhook that will be created, for a preview.

    Args:
        inputs: The inputs that `check` returned. Values may be unknown.
    """
    # If the program sets no secret, it is unknown in a preview: the create generates a secret, unless it
    # adopts a webhook and keeps that webhook's secret.
    return outputs(inputs, inputs.get("secret", UNKNOWN))


def preview_update(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs that a webhook will have after its update, for a preview.

    Args:
        olds: The outputs in the state.
        news: The inputs that `check` returned. Values may be unknown.
    """
    decided = _with_secrets(olds, news)
    return outputs(decided, decided.get("secret", ""))


def _with_secrets(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Add `secret` and `previous_secret` to the inputs of an update.

    If the update will generate a secret, the value of `secret` is unknown.
    """
    return {**news, **decide_secret(olds, news, lambda: UNKNOWN)}
