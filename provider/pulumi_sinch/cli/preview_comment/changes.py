"""Turn the steps of one stack's preview into changes of its webhooks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_sinch.cli.preview_comment.model import Drift, Kind, StackPreview, WebhookChange, WebhookState
from pulumi_sinch.cli.preview_comment.pulumi_output import Output, mapping, read, sequence, shown, target_of
from pulumi_sinch.cli.preview_comment.steps import (
    adopts,
    by_resource,
    imports,
    is_half_replaced,
    is_lookup,
    is_unchecked,
    is_webhook,
    kind_of,
    name_of,
    parent_of,
    project_of,
    subclass_of,
    type_of,
)

_STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_TYPE = "pulumi:providers:"
_ADOPTING = {Kind.CREATE, Kind.REPLACE, Kind.IMPORT}
_PROPERTY = re.compile(r"[^.\[]*")


def parse(name: str, text: str, *, hide: Iterable[str] = ()) -> StackPreview:
    """Parse the output of `pulumi preview --json` or `pulumi refresh --preview-only --json` of one stack.

    This function never raises an exception. Text without a preview counts as a failed preview.

    Args:
        name: Name of the stack, for the comment.
        text: The command's output. Lines around the JSON are skipped.
        hide: Values that must not be shown anywhere, such as tokens in the environment.

    Returns:
        The changes of the stack's webhooks.
    """
    output = read(text, hide=frozenset(hide))
    resources = by_resource(output.steps)
    stack_operations = {
        str(step.get("op")) for urn, steps in resources if type_of(urn) == _STACK_TYPE for step in steps
    }
    only_refresh = stack_operations == {"refresh"}
    complete = _complete(output)
    webhooks = [
        change
        for urn, steps in resources
        if is_webhook(urn, steps)
        for change in [_found(urn, steps, output) if only_refresh else _planned(urn, steps, output, complete)]
    ]
    return StackPreview(
        name=name,
        webhooks=tuple(sorted(webhooks, key=lambda change: (change.name, change.parent, change.subclass))),
        diagnostics=tuple(output.diagnostics),
        failed=_failed(output),
        complete=complete or ("refresh" in stack_operations and not _failed(output)),
        others=0 if only_refresh else sum(_is_other_change(urn, steps) for urn, steps in resources),
    )


def _planned(urn: str, steps: list[Mapping[str, Any]], output: Output, complete: bool) -> WebhookChange:
    """Return the change of one webhook from its steps in `pulumi preview`, with or without ``--refresh``."""
    refreshes = [step for step in steps if step.get("op") == "refresh"]
    planned = [step for step in steps if step.get("op") != "refresh"]
    # A replacement may have three steps: one lacks the new state, and one has the outputs of the new state.
    step = min(planned or refreshes, key=_weight)
    old = next((_state(one, "oldState", output) for one in planned if one.get("oldState")), None)
    update = _update_after_import(step, planned)
    new = _state(update or step, "newState", output)
    drift = None
    if refreshes:
        # Both states of a refresh step are the saved state. Only the step after it shows the live state.
        saved = _state(refreshes[0], "oldState", output)
        seen_unchanged = not planned and not complete
        live = saved if seen_unchanged else old
        if saved and saved != live:
            drift = Drift(saved, live)
    return _change(
        urn,
        step,
        output,
        old=old,
        new=new,
        drift=drift,
        gone=bool(refreshes) and not planned and bool(drift),
        half_replaced=is_half_replaced(planned),
        update=update,
    )


def _update_after_import(
    step: Mapping[str, Any], planned: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Return the step that updates a webhook right after its import, or None.

    A preview contains an update after an import if the imported webhook differs from the program.
    """
    if not imports(step):
        return None
    return next((one for one in planned if kind_of(one) is Kind.UPDATE), None)


def _weight(step: Mapping[str, Any]) -> tuple[int, bool, bool]:
    new = mapping(step.get("newState"))
    return list(Kind).index(kind_of(step)), not new, not new.get("outputs")


def _found(urn: str, steps: list[Mapping[str, Any]], output: Output) -> WebhookChange:
    """Return the drift of one webhook from its steps in `pulumi refresh --preview-only`.

    This command compares the state with Sinch, and plans no changes, so each difference is drift.
    """
    step = next((step for step in steps if step.get("op") != "refresh"), steps[0])
    old, new = _state(step, "oldState", output), _state(step, "newState", output)
    drift = Drift(old, new) if old and step.get("op") in {"update", "delete"} else None
    if kind_of(step) is not Kind.OTHER:
        step = {**step, "op": "refresh"}
    return _change(urn, step, output, old=old, new=new, drift=drift, gone=new is None)


def _change(  # noqa: PLR0913 - the parts of one change
    urn: str,
    step: Mapping[str, Any],
    output: Output,
    *,
    old: WebhookState | None,
    new: WebhookState | None,
    drift: Drift | None,
    gone: bool,
    half_replaced: bool = False,
    update: Mapping[str, Any] | None = None,
) -> WebhookChange:
    kind = kind_of(step)
    unchecked = kind is Kind.UPDATE and is_unchecked(step)
    if unchecked:
        kind = Kind.REPLACE
    elif half_replaced and kind is Kind.REPLACE:
        kind = Kind.CREATE
    before = mapping(step.get("oldState"))
    released = kind is Kind.READ and bool(before) and not is_lookup(before)
    retained = kind in {Kind.DELETE, Kind.REPLACE} and before.get("retainOnDelete") is True
    keys = [
        key
        for one in filter(None, (step, update))
        for key in (*sequence(one.get("diffReasons")), *mapping(one.get("detailedDiff")))
    ]
    return WebhookChange(
        name=shown(name_of(urn), output.secrets),
        parent=shown(parent_of(urn), output.secrets),
        subclass=shown(subclass_of(urn), output.secrets),
        kind=kind,
        operation=shown(step.get("op") or "(none)", output.secrets),
        old=old,
        new=None if gone else new or (old if kind is Kind.SAME else None),
        changed=frozenset(_PROPERTY.match(str(key))[0] for key in keys),  # type: ignore[index]
        # A change of a webhook that the stack only reads is not drift.
        drift=None if is_lookup(before) or (kind is Kind.READ and not released) else drift,
        stays=released or retained,
        adopts=kind in _ADOPTING and adopts(step),
        unchecked=unchecked,
        half_replaced=half_replaced,
        imports=kind in _ADOPTING and imports(step),
        updates_import=update is not None,
    )


def _state(step: Mapping[str, Any], key: str, output: Output) -> WebhookState | None:
    state = step.get(key)
    if not isinstance(state, Mapping):
        return None
    # In a preview, the outputs of the new state are empty. Its inputs have the values.
    given = {key: value for key, value in mapping(state.get("inputs")).items() if value is not None}
    values = {**mapping(state.get("outputs")), **given}
    project_id = project_of(values)
    triggers = values.get("triggers")
    target, identity = target_of(values.get("target"), output.secrets)
    return WebhookState(
        target=target,
        identity=identity,
        triggers=frozenset(map(shown, triggers)) if isinstance(triggers, list) else None,
        project_id=shown(project_id, output.secrets) if project_id else "",
    )


def _complete(output: Output) -> bool:
    """Return whether the steps include all unchanged resources, as with ``--show-sames``."""
    listed = sum(step.get("op") == "same" for step in output.steps)
    total = output.summary.get("same", 0)
    return not _failed(output) and not (isinstance(total, int | float) and total > listed)


def _failed(output: Output) -> bool:
    return not output.found or any(severity == "error" for severity, _ in output.diagnostics)


def _is_other_change(urn: str, steps: list[Mapping[str, Any]]) -> bool:
    resource_type = type_of(urn)
    if resource_type == _STACK_TYPE or resource_type.startswith(_PROVIDER_TYPE) or is_webhook(urn, steps):
        return False
    return any(kind_of(step) not in {Kind.SAME, Kind.READ} for step in steps)
