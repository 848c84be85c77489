"""The webhook changes of a stack's preview, and the check for ``--fail-on``."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum


class Kind(str, Enum):
    """The kinds of a change, the most important kind first.

    If the steps of a webhook have different kinds, its change has the most important of these kinds.

    `OTHER` is an operation that this version does not know. It can have any effect, so every ``--fail-on``
    matches it.
    """

    OTHER = "other"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    CREATE = "create"
    UPDATE = "update"
    READ = "read"
    SAME = "same"


@dataclass(frozen=True)
class WebhookState:
    """A webhook before or after a change, without its secrets.

    Attributes:
        target: The redacted target, safe to show.
        identity: A key to compare targets. Two different targets have different keys, even if their redacted
            forms are equal. The key can be the full target, so it is never shown.
        triggers: The triggers. None if they are not known before `pulumi up`.
        project_id: The id of the Sinch project. Empty if the preview does not contain it.
    """

    target: str
    identity: str = field(repr=False)
    triggers: frozenset[str] | None
    project_id: str


@dataclass(frozen=True)
class Drift:
    """A change made outside Pulumi, found by a refresh.

    Attributes:
        saved: The webhook in the stack's state.
        live: The webhook at Sinch. None if it was deleted.
    """

    saved: WebhookState
    live: WebhookState | None


@dataclass(frozen=True)
class WebhookChange:
    """The change of one webhook of one stack.

    A lookup is a webhook that the program only reads, with `SinchWebhook.get`. All other webhooks are
    managed: the program declares them, and `up` changes them at Sinch.

    Attributes:
        name: Name of the resource.
        parent: Types of the components that contain the resource, or an empty string.
        subclass: Type of the resource if its class is a subclass of `SinchWebhook` with another type.
            Otherwise an empty string.
        kind: Kind of the change.
        operation: Pulumi's name of the operation, such as ``create-replacement``.
        old: The webhook before the change. None if the webhook is new. If a lookup becomes a managed webhook,
            this is the webhook that was looked up.
        new: The webhook after the change. None if the webhook is deleted. If a managed webhook becomes a
            lookup, this is the webhook that is looked up.
        changed: Names of the properties that change. A change of ``secret`` is a rotation.
        drift: The drift that a refresh found, or None.
        stays: Whether the stack stops managing the old webhook without deleting it at Sinch, because the
            resource has `retain_on_delete` or becomes a lookup.
        adopts: Whether `up` can start to manage an existing webhook, because the resource has `adopt=True` or
            is imported. With `adopt=True`, `up` creates a webhook if no webhook has the target.
        unchecked: Whether the engine did not compare the program with the state, because inputs of the
            provider are not known yet. The preview then shows an update, but `up` possibly replaces the
            webhook.
        half_replaced: Whether an interrupted replacement has already deleted the old webhook, so that `up`
            only creates the new one.
        imports: Whether `up` imports an existing webhook. For an import, `adopts` is true too.
        updates_import: Whether `up` updates the webhook right after the import, because the webhook differs
            from the program.
    """

    name: str
    parent: str
    subclass: str
    kind: Kind
    operation: str
    old: WebhookState | None
    new: WebhookState | None
    changed: frozenset[str] = frozenset()
    drift: Drift | None = None
    stays: bool = False
    adopts: bool = False
    unchecked: bool = False
    half_replaced: bool = False
    imports: bool = False
    updates_import: bool = False

    @property
    def rotated(self) -> bool:
        """True if `up` changes the secret of an existing webhook: in an update, or right after an import."""
        return (self.kind is Kind.UPDATE or self.updates_import) and "secret" in self.changed

    @property
    def released(self) -> bool:
        """True if a managed webhook becomes a lookup, so that the stack still reads it."""
        return self.kind is Kind.READ and self.stays

    def is_any(self, kinds: Collection[str]) -> bool:
        """Return whether this change matches one of these values of ``--fail-on`` (see `has_change`)."""
        return (
            (self.kind is Kind.OTHER and bool(kinds))
            or (self.unchecked and not _IF_UNCHECKED.isdisjoint(kinds))
            or self.kind.value in kinds
            or ("adopt" in kinds and self.adopts)
            or ("import" in kinds and self.imports)
            or ("update" in kinds and self.updates_import)
            or ("rotate" in kinds and self.rotated)
            or ("drift" in kinds and self.drift is not None)
        )


_IF_UNCHECKED = frozenset({"update", "replace", "delete"})


@dataclass(frozen=True)
class StackPreview:
    """One stack's preview.

    Attributes:
        name: Name of the stack.
        webhooks: Webhooks sorted by name. Unchanged webhooks are included only if the preview contains them.
        diagnostics: The errors and warnings of the preview, each as ``(severity, text)``.
        failed: Whether the preview ended with an error, so that `webhooks` may be incomplete.
        complete: Whether the preview contains unchanged webhooks too, so that they can be counted.
        others: Number of resources other than webhooks that change.
    """

    name: str
    webhooks: tuple[WebhookChange, ...]
    diagnostics: tuple[tuple[str, str], ...] = ()
    failed: bool = False
    complete: bool = True
    others: int = 0


def has_change(previews: Iterable[StackPreview], kinds: Iterable[str]) -> bool:
    """Return whether any webhook of any stack has one of these changes.

    Args:
        previews: The previews of the stacks.
        kinds: Values of `Kind`, or ``adopt``, ``rotate``, ``drift`` or ``failed``. ``failed`` means that a
            preview failed. A create with `adopt` matches both ``create`` and ``adopt``, because the preview
            does not know whether a webhook will be created or adopted. A failed preview and an operation that
            this version does not know match every kind.
    """
    wanted = set(kinds)
    return any(
        (bool(wanted) and preview.failed) or any(webhook.is_any(wanted) for webhook in preview.webhooks)
        for preview in previews
    )


def unknown_operations(previews: Iterable[StackPreview]) -> list[tuple[str, WebhookChange]]:
    """Return each webhook with an operation that this version does not know, and the name of its stack."""
    return [
        (preview.name, webhook)
        for preview in previews
        for webhook in preview.webhooks
        if webhook.kind is Kind.OTHER
    ]
