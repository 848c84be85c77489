"""Diff: compare the program with the state, and plan the request of an update."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN, Unknown

from pulumi_sinch.core import run_state, target_conflicts
from pulumi_sinch.core.signing_secret import decide_secret

STORED = ("target", "triggers", "project_id", "secret", "previous_secret", "secret_version")
"""The properties of a webhook in the state. The other inputs, such as `adopt`, matter only at create."""


@dataclass(frozen=True)
class Diffed:
    """The result of a diff.

    Attributes:
        changes: Whether anything in the state changes.
        replaces: The properties that force a replacement.
        delete_before_replace: Whether a replacement must delete first.
        details: The changes: property paths, such as ``triggers[2]``, each with ``add``, ``update`` or
            ``delete``.
    """

    changes: bool
    replaces: tuple[str, ...]
    delete_before_replace: bool
    details: Mapping[str, str]


def diff(webhook_id: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diffed:
    """Compare the program with the state, and record in `run_state` that the resource owns its webhook.

    Args:
        webhook_id: The id that Sinch gave it.
        olds: The outputs in the state.
        news: The checked inputs. Values may be unknown.

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
        # Two webhooks of one project cannot have the same target (CONTRACT.md, Fields).
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
            # The update will generate the secret. The engine shows an added property without a value as
            # unknown. It would show an updated one as deleted.
            details[key] = "add"
        elif key == "triggers" and old and new and not contains_unknowns(new):
            details |= _trigger_details(old, new)
        elif old and new:
            details[key] = "update"
        else:
            details[key] = "add" if new else "delete"
    return details


def _trigger_details(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Compare two lists as sets.

    Returns positions: of deletions in the old list, of additions in the new list.
    """
    deleted = {f"triggers[{position}]" for position, trigger in enumerate(old) if trigger not in new}
    added = {f"triggers[{position}]" for position, trigger in enumerate(new) if trigger not in old}
    return (
        dict.fromkeys(deleted - added, "delete")
        | dict.fromkeys(added - deleted, "add")
        | dict.fromkeys(added & deleted, "update")
    )


def differs(key: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether a property changes, or possibly changes because its new value is unknown.

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
        return False  # the webhook keeps its secret
    return (old or None) != (new or None)


def any_differs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether any property in the state changes."""
    return any(differs(key, olds, news) for key in STORED)


@dataclass(frozen=True)
class UpdatePlan:
    """The request of an update.

    Attributes:
        fields: Field names of the API and their values. Empty if nothing has to be sent.
        complete: Whether the fields are the whole webhook (PUT) or only the changes (PATCH).
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
    # The secret at Sinch may differ from the one in the state: the webhook was adopted or imported without a
    # secret, or `secret_version` asks to send it again.
    if not olds.get("secret") or (sent_again and fields):
        return UpdatePlan({key: news[key] for key in ("target", "secret", "triggers")}, complete=True)
    return UpdatePlan({**fields, "secret": secret}, complete=False)


def outputs(inputs: Mapping[str, Any], secret: str | Unknown) -> dict[str, Any]:
    """Return the outputs of a webhook, which the state holds.

    The outputs do not contain flags. They contain `secret_version` only if it is set, because an output that
    is `None` counts as unknown in every preview (ENGINE.md, What each method gets).
    """
    kept = {
        key: inputs[key] for key in ("target", "triggers", "project_id", "secret_version") if key in inputs
    }
    return {**kept, "secret": secret, "previous_secret": inputs.get("previous_secret", "")}


def preview_create(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known outputs of a webhook that will be created.

    Args:
        inputs: The checked inputs. Values may be unknown.
    """
    # Only the create knows whether it adopts a webhook, whose secret is not known, or generates a secret.
    return outputs(inputs, inputs.get("secret", UNKNOWN))


def preview_update(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs of a webhook after its update.

    Args:
        olds: The outputs in the state.
        news: The checked inputs. Values may be unknown.
    """
    decided = _with_secrets(olds, news)
    return outputs(decided, decided.get("secret", ""))


def _with_secrets(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Add the secrets of an update to the inputs. A secret that the update will generate is unknown."""
    return {**news, **decide_secret(olds, news, lambda: UNKNOWN)}
