"""What a preview means for the webhooks of one stack."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pulumi_sinch.preview.output import UNKNOWN, Output, mapping, read, sequence, shown

WEBHOOK_TYPE = "pulumi-python:dynamic/sinch:Webhook"
_STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_TYPE = "pulumi:providers:"
_PROPERTY = re.compile(r"[^.\[]*")


class Kind(str, Enum):
    """What happens to a webhook. The order is the one of importance: the first that fits counts."""

    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    CREATE = "create"
    UPDATE = "update"
    OTHER = "other"
    READ = "read"
    SAME = "same"


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


@dataclass(frozen=True)
class WebhookState:
    """A webhook before or after. Its secrets are left out on purpose.

    Attributes:
        target: As in the preview, so it may carry credentials: redact it before it is shown.
        triggers: None when they are not known before the deploy.
        project_id: Empty when the preview does not have it.
    """

    target: str = field(repr=False)
    triggers: frozenset[str] | None
    project_id: str


@dataclass(frozen=True)
class Drift:
    """A change made outside Pulumi, found by a refresh.

    Attributes:
        saved: What the stack remembers.
        live: What Sinch has; None when the webhook is gone.
    """

    saved: WebhookState
    live: WebhookState | None


@dataclass(frozen=True)
class WebhookChange:
    """One webhook of one stack.

    Attributes:
        name: Name of the resource.
        parent: Types of the components it is in, or an empty string.
        kind: What happens to it.
        operation: Pulumi's word for it.
        old: None when it is new.
        new: None when it goes.
        changed: Names of the properties that change; ``secret`` among them is a rotation.
        drift: Set when a refresh found one.
        stays: It leaves the stack and stays at Sinch (`retain_on_delete`).
    """

    name: str
    parent: str
    kind: Kind
    operation: str
    old: WebhookState | None
    new: WebhookState | None
    changed: frozenset[str] = frozenset()
    drift: Drift | None = None
    stays: bool = False

    @property
    def rotated(self) -> bool:
        """Tell whether the secret of a webhook that stays changes."""
        return self.kind is Kind.UPDATE and "secret" in self.changed


@dataclass(frozen=True)
class StackPreview:
    """One stack's preview.

    Attributes:
        name: As the caller names it.
        webhooks: By name. Those that do not change are there only when the preview has them.
        diagnostics: ``(severity, text)`` of errors and warnings.
        failed: The preview ended with an error, so `webhooks` is not all.
        complete: Whether unchanged webhooks are in the preview too, so that they can be counted.
        others: Number of changes to other resources.
    """

    name: str
    webhooks: tuple[WebhookChange, ...]
    diagnostics: tuple[tuple[str, str], ...] = ()
    failed: bool = False
    complete: bool = True
    others: int = 0


def parse(name: str, text: str, *, hide: Iterable[str] = ()) -> StackPreview:
    """Read one stack's `pulumi preview --json`, or `pulumi refresh --preview-only --json`.

    Never raises: what is no preview is a failed one.

    Args:
        name: What to call the stack.
        text: The command's output; lines around the JSON are skipped.
        hide: Values that must not be shown wherever they stand, such as tokens of the environment.

    Returns:
        What the preview means for webhooks.
    """
    output = read(text, hide=frozenset(hide))
    by_urn: dict[str, list[Mapping[str, Any]]] = {}
    for step in output.steps:
        by_urn.setdefault(str(step.get("urn")), []).append(step)
    stack_operations = {
        step.get("op") for urn, steps in by_urn.items() if _type(urn) == _STACK_TYPE for step in steps
    }
    only_refresh = stack_operations == {"refresh"}
    complete = _complete(output)
    webhooks = [
        change
        for urn, steps in by_urn.items()
        if _type(urn) == WEBHOOK_TYPE
        for change in [_found(urn, steps, output) if only_refresh else _planned(urn, steps, output, complete)]
    ]
    return StackPreview(
        name=name,
        webhooks=tuple(sorted(webhooks, key=lambda change: (change.name, change.parent))),
        diagnostics=tuple(output.diagnostics),
        failed=_failed(output),
        complete=complete or ("refresh" in stack_operations and not _failed(output)),
        others=0 if only_refresh else sum(_is_other_change(urn, steps) for urn, steps in by_urn.items()),
    )


def has_change(previews: Iterable[StackPreview], kinds: Iterable[str]) -> bool:
    """Tell whether any webhook of any stack sees one of these changes.

    Args:
        previews: The stacks.
        kinds: Values of `Kind`, ``rotate``, ``drift`` or ``failed`` (any preview failed).
    """
    wanted = set(kinds)
    return any(
        ("failed" in wanted and preview.failed)
        or any(
            webhook.kind.value in wanted
            or ("rotate" in wanted and webhook.rotated)
            or ("drift" in wanted and webhook.drift is not None)
            for webhook in preview.webhooks
        )
        for preview in previews
    )


def _planned(urn: str, steps: list[Mapping[str, Any]], output: Output, complete: bool) -> WebhookChange:
    """Sum up the steps of one webhook in a preview, with or without ``--refresh``."""
    refreshes = [step for step in steps if step.get("op") == "refresh"]
    planned = [step for step in steps if step.get("op") != "refresh"]
    # A replacement may come in three steps, one of which lacks the new state.
    step = min(
        planned or refreshes, key=lambda step: (list(Kind).index(_kind(step)), not step.get("newState"))
    )
    old = next((_state(one, "oldState", output) for one in planned if one.get("oldState")), None)
    new = _state(step, "newState", output)
    drift = None
    if refreshes:
        # The refresh's own step shows the saved state twice; what is live shows only in the step that follows.
        saved = _state(refreshes[0], "oldState", output)
        seen_unchanged = not planned and not complete
        live = saved if seen_unchanged else old
        if saved and saved != live:
            drift = Drift(saved, live)
    return _change(
        urn, step, output, old=old, new=new, drift=drift, gone=bool(refreshes) and not planned and bool(drift)
    )


def _found(urn: str, steps: list[Mapping[str, Any]], output: Output) -> WebhookChange:
    """Sum up the steps of one webhook in `pulumi refresh --preview-only`: they say what was found, nothing is done."""
    step = next((step for step in steps if step.get("op") != "refresh"), steps[0])
    old, new = _state(step, "oldState", output), _state(step, "newState", output)
    drift = Drift(old, new) if old and step.get("op") in {"update", "delete"} else None
    return _change(urn, {**step, "op": "refresh"}, output, old=old, new=new, drift=drift, gone=new is None)


def _change(  # noqa: PLR0913 - the parts of one change
    urn: str,
    step: Mapping[str, Any],
    output: Output,
    *,
    old: WebhookState | None,
    new: WebhookState | None,
    drift: Drift | None,
    gone: bool,
) -> WebhookChange:
    states = [mapping(step.get(key)) for key in ("newState", "oldState")]
    kind = _kind(step)
    if any(state.get("external") is True for state in states):
        kind = Kind.READ
    keys = [*sequence(step.get("diffReasons")), *mapping(step.get("detailedDiff"))]
    return WebhookChange(
        name=shown(_name(urn), output.secrets),
        parent=shown(_parent(urn), output.secrets),
        kind=kind,
        operation=shown(step.get("op"), output.secrets),
        old=old,
        new=None if gone else new or (old if kind is Kind.SAME else None),
        changed=frozenset(_PROPERTY.match(str(key))[0] for key in keys),  # type: ignore[index]
        # What others do to a webhook that is only read is no drift of this stack.
        drift=None if kind is Kind.READ else drift,
        stays=kind is Kind.DELETE and states[1].get("retainOnDelete") is True,
    )


def _state(step: Mapping[str, Any], key: str, output: Output) -> WebhookState | None:
    state = step.get(key)
    if not isinstance(state, Mapping):
        return None
    # A preview's new outputs are empty: what is not known there is in the inputs.
    given = {key: value for key, value in mapping(state.get("inputs")).items() if value is not None}
    values = {**mapping(state.get("outputs")), **given}
    triggers = values.get("triggers")
    return WebhookState(
        target=shown(values.get("target"), output.secrets),
        triggers=frozenset(map(shown, triggers)) if isinstance(triggers, list) else None,
        project_id=shown(values["project_id"], output.secrets) if values.get("project_id") else "",
    )


def _complete(output: Output) -> bool:
    """Tell whether no unchanged resource is missing from the steps (see ``--show-sames``)."""
    listed = sum(step.get("op") == "same" for step in output.steps)
    total = output.summary.get("same", 0)
    return not _failed(output) and not (isinstance(total, int | float) and total > listed)


def _failed(output: Output) -> bool:
    return not output.found or any(severity == "error" for severity, _ in output.diagnostics)


def _kind(step: Mapping[str, Any]) -> Kind:
    return _KINDS.get(str(step.get("op")), Kind.OTHER)


def _is_other_change(urn: str, steps: list[Mapping[str, Any]]) -> bool:
    kind = _type(urn)
    if kind in {WEBHOOK_TYPE, _STACK_TYPE} or kind.startswith(_PROVIDER_TYPE):
        return False
    return any(_kind(step) not in {Kind.SAME, Kind.READ} for step in steps)


def _parts(urn: str) -> list[str]:
    # urn:pulumi:<stack>::<project>::<type$type>::<name>; only the name may hold "::" itself.
    parts = urn.split("::", 3)
    return parts + [""] * (4 - len(parts))


def _type(urn: str) -> str:
    return _parts(urn)[2].rpartition("$")[2]


def _parent(urn: str) -> str:
    return _parts(urn)[2].rpartition("$")[0]


def _name(urn: str) -> str:
    return _parts(urn)[3] or UNKNOWN
