"""Describe one webhook's change as an item of a Markdown list."""

from collections.abc import Iterable, Iterator

from pulumi_sinch.cli.preview_comment.markdown import code, html_code
from pulumi_sinch.cli.preview_comment.model import Drift, Kind, WebhookChange, WebhookState
from pulumi_sinch.plugin.properties import PROPERTIES

WARNING_SIGN = "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}"

_LISTED_TRIGGERS = 6
_NAMED_TRIGGERS = 60
# Properties that "also changed" does not list: properties with their own line, the pickled provider, and the
# properties of a rotation.
_SILENT = {"target", "triggers", "secret", "previous_secret", "project_id", "__provider", ""}
_SILENT |= {PROPERTIES["previous_secret"], PROPERTIES["project_id"]}


def describe(webhook: WebhookChange) -> str:
    """Return the change of a webhook as a list item."""
    subclass = f" ({code(webhook.subclass, 60)})" if webhook.subclass else ""
    lines = [f"- {code(webhook.name)}{subclass}: {_sentence(webhook)}"]
    if webhook.drift and webhook.kind is not Kind.SAME:
        lines.append(f"  - {_drift(webhook.drift)}")
    compared = webhook.kind in {Kind.UPDATE, Kind.REPLACE, Kind.OTHER} or webhook.updates_import
    if compared and webhook.old and webhook.new:
        lines.extend(f"  - {line}" for line in _differences(webhook.old, webhook.new, webhook.changed))
    if webhook.rotated:
        lines.append("  - secret rotated: its receiver must accept the new one and the one before")
    if others := sorted(webhook.changed - _SILENT):
        lines.append(f"  - also changed: {', '.join(map(code, others[:10]))}")
    return "\n".join(lines)


def _sentence(webhook: WebhookChange) -> str:  # noqa: PLR0911 - one for each kind
    if webhook.kind in {Kind.REPLACE, Kind.DELETE}:
        return f"{WARNING_SIGN} {_loss(webhook)}"
    if webhook.kind is Kind.UPDATE:
        return "update"
    if webhook.kind is Kind.SAME and webhook.drift:
        return _drift(webhook.drift)
    if webhook.kind is Kind.OTHER:
        operation = code(webhook.operation, 30)
        return (
            f"{WARNING_SIGN} operation {operation}, which this version does not know: every `--fail-on` stops"
        )
    if webhook.released:
        return (
            f"no longer managed: {_description(webhook.old)} stays at Sinch, the program only looks it up, "
            "and its secret leaves the state"
        )
    if webhook.kind is Kind.CREATE:
        return _creation(webhook)
    if webhook.kind is Kind.IMPORT:
        update = " and updates it" if webhook.updates_import else ""
        return f"{WARNING_SIGN} import, which adopts an existing webhook{update}: {_description(webhook.new)}"
    return f"{webhook.kind.value}: {_description(webhook.new or webhook.old)}"


def _creation(webhook: WebhookChange) -> str:
    head = "create"
    if webhook.adopts:
        head = f"{WARNING_SIGN} **adopt** the existing webhook with this target, or create one"
    before = ""
    if webhook.half_replaced:
        before = "; an interrupted replacement deleted the one before"
    elif webhook.old:
        before = f"; so far the program only looks up {_target(webhook.old)}"
    return f"{head}: {_description(webhook.new)}{before}"


def _loss(webhook: WebhookChange) -> str:
    if webhook.unchecked:
        return (
            "update, or **replace** with a new id: inputs of its provider are not known until `up`, so the "
            "preview compared nothing"
        )
    if webhook.kind is Kind.REPLACE:
        stays = "; the old webhook stays at Sinch (`retain_on_delete`)" if webhook.stays else ""
        adopts = "; adopts the existing webhook with this target, or creates one" if webhook.adopts else ""
        if webhook.imports:
            update = ", and updates it" if webhook.updates_import else ""
            adopts = f"; adopts the existing webhook that it imports{update}"
        return f"**replace**: a new id, and a new secret unless the program gives one{stays}{adopts}"
    stays = " from the stack only, it stays at Sinch (`retain_on_delete`)" if webhook.stays else ""
    instead = f"; the program looks up {_target(webhook.new)} instead" if webhook.new else ""
    return f"**delete**{stays}: {_description(webhook.old)}{instead}"


def _description(state: WebhookState | None) -> str:
    if state is None:
        return "nothing is known of it"
    triggers = "triggers not known until `up`" if state.triggers is None else _list(state.triggers)
    return f"{_target(state)} with {triggers}"


def _target(state: WebhookState) -> str:
    return code(state.target)


def _differences(old: WebhookState, new: WebhookState, changed: frozenset[str]) -> Iterator[str]:
    """Yield a line for each difference between the two states of a webhook.

    `changed` contains the names of the changed properties. Two different values can look equal, because their
    secret parts are hidden.
    """
    if old.project_id != new.project_id:
        yield f"project {code(old.project_id)} → {code(new.project_id)}"
    if old.identity != new.identity or "target" in changed:
        hidden = " (only the hidden part of the URL differs)" if old.target == new.target else ""
        yield f"target {code(old.target)} → {code(new.target)}{hidden}"
    added, removed = trigger_changes(old, new)
    if added:
        yield f"triggers added: {_list(added)}"
    if removed:
        yield f"triggers removed: {_list(removed)}"
    if "triggers" in changed and not added and not removed:
        unknown = old.triggers is None or new.triggers is None
        yield "triggers not known until `up`" if unknown else "triggers: the same ones in another order"


def _drift(drift: Drift) -> str:
    if drift.live is None:
        return "drift: deleted outside Pulumi"
    differences = "; ".join(_differences(drift.saved, drift.live, frozenset()))
    return f"drift, changed outside Pulumi: {differences or 'in something not shown here'}"


def trigger_changes(
    old: WebhookState | None, new: WebhookState | None
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the added triggers and the removed triggers. Both are empty if the triggers are not known."""
    if old is None or new is None or old.triggers is None or new.triggers is None:
        return frozenset(), frozenset()
    return new.triggers - old.triggers, old.triggers - new.triggers


def _list(triggers: Iterable[str]) -> str:
    names = sorted(triggers)
    if len(names) <= _LISTED_TRIGGERS:
        return ", ".join(code(name, 60) for name in names) or "no trigger"
    folded = ", ".join(html_code(name, 60) for name in names[:_NAMED_TRIGGERS])
    folded += f" and {len(names) - _NAMED_TRIGGERS} more" if len(names) > _NAMED_TRIGGERS else ""
    return f"<details><summary>{len(names)} triggers</summary>{folded}</details>"
