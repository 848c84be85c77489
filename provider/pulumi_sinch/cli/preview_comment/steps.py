"""Read the steps of a preview: the kind of change, the resource, and the parts of the resource's URN."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_sinch.cli.preview_comment.model import Kind
from pulumi_sinch.cli.preview_comment.pulumi_output import UNKNOWN, mapping
from pulumi_sinch.cli.pulumi_json import DYNAMIC_TYPE, WEBHOOK_TYPES
from pulumi_sinch.plugin.properties import PROPERTIES

PROVIDER_NAMES = (b"pulumi_sinch.provider", b"SinchWebhookProvider")
"""The names that each pickled provider of a webhook contains. Pulumi pickles `SinchWebhookProvider` as a
reference with these names. A user's own provider class contains this reference as its base class."""

_KINDS = {
    "replace": Kind.REPLACE,
    "create-replacement": Kind.REPLACE,
    "import-replacement": Kind.REPLACE,
    "remove-pending-replace": Kind.REPLACE,
    "delete": Kind.DELETE,
    "delete-replaced": Kind.DELETE,
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

_REPLACEMENTS = {"replace", "create-replacement", "read-replacement", "import-replacement"}


def by_resource(steps: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Group the steps by resource. Returns a pair for each resource: its URN and its steps.

    After an interrupted replacement, the step that deletes the old webhook is a separate group, although it
    has the URN of the new webhook.
    """
    by_urn: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        by_urn.setdefault(str(step.get("urn")), []).append(step)
    groups = []
    for urn, all_steps in by_urn.items():
        replaced = {_old_id(step) for step in all_steps if str(step.get("op")) in _REPLACEMENTS}
        left_over = [
            step
            for step in all_steps
            if step.get("op") == "delete-replaced" and _old_id(step) not in replaced
        ]
        for deletion in left_over:
            refreshed = [step for step in all_steps if _refreshes(step, _old_id(deletion))]
            groups.append((urn, [*refreshed, deletion]))
        separate = {_old_id(deletion) for deletion in left_over}
        others = [
            step
            for step in all_steps
            if step not in left_over and not any(_refreshes(step, gone) for gone in separate)
        ]
        if others:
            groups.append((urn, others))
    return groups


def _refreshes(step: Mapping[str, Any], webhook_id: str) -> bool:
    return step.get("op") == "refresh" and _old_id(step) == webhook_id


def _old_id(step: Mapping[str, Any]) -> str:
    return str(mapping(step.get("oldState")).get("id"))


def kind_of(step: Mapping[str, Any]) -> Kind:
    """Return the kind of change of one step.

    In two cases, the engine's operation is "replace", but this function returns another kind: "create" if a
    lookup (`SinchWebhook.get`) becomes a managed webhook, and "delete" if a managed webhook becomes a lookup
    of another id.
    """
    kind = _KINDS.get(str(step.get("op")), Kind.OTHER)
    old, new = mapping(step.get("oldState")), mapping(step.get("newState"))
    if kind is Kind.OTHER or not (is_lookup(old) or is_lookup(new)):
        return kind
    if is_lookup(old):
        becomes_managed = bool(new) and not is_lookup(new) and kind is not Kind.SAME
        return Kind.CREATE if becomes_managed else Kind.READ
    # A managed webhook becomes a lookup. With the same id, the webhook only leaves the stack. With another
    # id, `up` deletes the managed webhook.
    same_id = kind is Kind.READ and bool(old.get("id")) and old.get("id") == new.get("id")
    return Kind.DELETE if old and not same_id else Kind.READ


def adopts(step: Mapping[str, Any]) -> bool:
    """Return whether the new state has `adopt=True` or belongs to an imported webhook.

    A value of `adopt` that is not known before `up` counts as true.
    """
    new = mapping(step.get("newState"))
    return imports(step) or mapping(new.get("inputs")).get("adopt") not in (None, False)


def imports(step: Mapping[str, Any]) -> bool:
    """Return whether the new state belongs to an imported webhook."""
    return bool(mapping(step.get("newState")).get("importID"))


def is_unchecked(step: Mapping[str, Any]) -> bool:
    """Return whether the engine skipped `check` and `diff` for a webhook.

    The engine skips `check` and `diff` if inputs of the webhook's provider are not known yet. `check` always
    adds the project to the inputs, so a missing project means that the engine did not call `check`. The
    function does not search the step of the provider resource for unknown inputs, because known and unknown
    secrets look the same in that step.
    """
    new = mapping(step.get("newState"))
    return bool(new) and not is_lookup(new) and not project_of(mapping(new.get("inputs")))


def project_of(properties: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the project id in a webhook's inputs or outputs, or None.

    The property of the project id is ``project_id`` in Python, and ``projectId`` in the provider plugin.
    """
    return properties.get("project_id") or properties.get(PROPERTIES["project_id"])


def is_webhook(urn: str, steps: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a resource is a webhook.

    A subclass of `SinchWebhook` can have any resource type. The webhooks of a subclass are recognized by
    their provider.
    """
    resource_type = type_of(urn)
    if resource_type in WEBHOOK_TYPES:
        return True
    return resource_type.startswith(DYNAMIC_TYPE) and any(
        is_our_provider(mapping(mapping(step.get(state)).get(values)).get("__provider"))
        for step in steps
        for state in ("oldState", "newState")
        for values in ("inputs", "outputs")
    )


def subclass_of(urn: str) -> str:
    """Return the resource type that a subclass declares, such as ``shop:Hook``, or an empty string."""
    resource_type = type_of(urn)
    return "" if resource_type in WEBHOOK_TYPES else resource_type.removeprefix(f"{DYNAMIC_TYPE}/")


def is_our_provider(provider: object) -> bool:
    """Return whether a pickled provider is a `SinchWebhookProvider`.

    The function only searches the pickle for the names of the module and the class. It never unpickles the
    provider, because unpickling can run any code.
    """
    try:
        pickled = base64.b64decode(str(provider), validate=True)
    except (binascii.Error, ValueError):
        return False
    return all(name in pickled for name in PROVIDER_NAMES)


def is_half_replaced(steps: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether an interrupted run already deleted the old webhook of a replacement.

    If so, the old state has the mark ``pendingReplacement``, and the preview has no step that deletes the old
    webhook. The mark alone does not prove an interrupted run: a new replacement that deletes the old webhook
    first has the mark too, but its preview also has the step that deletes the old webhook. Without
    ``--show-replacement-steps``, a preview does not list the steps of a replacement, so the result is False.
    """
    listed = list(steps)
    operations = {str(step.get("op")) for step in listed}
    pending = any(mapping(step.get("oldState")).get("pendingReplacement") is True for step in listed)
    return pending and "create-replacement" in operations and "delete-replaced" not in operations


def is_lookup(state: Mapping[str, Any]) -> bool:
    """Return whether a state belongs to a lookup (`SinchWebhook.get`), which the engine calls external."""
    return state.get("external") is True


def type_of(urn: str) -> str:
    """Return the resource type in a URN."""
    return _parts(urn)[2].rpartition("$")[2]


def parent_of(urn: str) -> str:
    """Return the types of the parent components in a URN, or an empty string."""
    return _parts(urn)[2].rpartition("$")[0]


def name_of(urn: str) -> str:
    """Return the resource name in a URN."""
    return _parts(urn)[3] or UNKNOWN


def _parts(urn: str) -> list[str]:
    # urn:pulumi:<stack>::<project>::<type$type>::<name>. Only the name may contain "::".
    parts = urn.split("::", 3)
    return parts + [""] * (4 - len(parts))
