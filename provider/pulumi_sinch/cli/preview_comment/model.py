"""Webhook changes of a stack, as a preview announces them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum


class Kind(str, Enum):
    """What happens to a webhook. The order is the one of importance: the first that fits counts.

    `OTHER` is an operation that this version does not know. It may be anything, so every gate stops at it.
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
        subclass: Its type, if its class has its own one, or an empty string.
        kind: What happens to it.
        operation: Pulumi's word for it.
        old: None when it is new. The webhook that was looked up, when a lookup becomes managed.
        new: None when it goes. The webhook that is looked up instead, when a managed webhook becomes a lookup.
        changed: Names of the properties that change; ``secret`` among them is a rotation.
        drift: Set when a refresh found one.
        stays: The old webhook leaves the stack and stays at Sinch: it has `retain_on_delete`, or it is only read from
            now on.
        adopts: It has `adopt`: a create adopts the webhook with this target, if there is one.
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

    @property
    def rotated(self) -> bool:
        """Tell whether the secret of a webhook that stays changes."""
        return self.kind is Kind.UPDATE and "secret" in self.changed

    @property
    def released(self) -> bool:
        """Tell whether the stack stops managing a webhook that it still reads."""
        return self.kind is Kind.READ and self.stays

    def is_any(self, kinds: Collection[str]) -> bool:
        """Tell whether one of these kinds fits; see `has_change`."""
        return (
            (self.kind is Kind.OTHER and bool(kinds))
            or self.kind.value in kinds
            or ("adopt" in kinds and self.adopts)
            or ("rotate" in kinds and self.rotated)
            or ("drift" in kinds and self.drift is not None)
        )


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


def has_change(previews: Iterable[StackPreview], kinds: Iterable[str]) -> bool:
    """Tell whether any webhook of any stack sees one of these changes.

    Args:
        previews: The stacks.
        kinds: Values of `Kind`, ``adopt``, ``rotate``, ``drift`` or ``failed`` (any preview failed). A create with
            `adopt` is both ``create`` and ``adopt``, because the preview does not know which of the two it will be. An
            operation that this version does not know is any kind.
    """
    wanted = set(kinds)
    return any(
        ("failed" in wanted and preview.failed) or any(webhook.is_any(wanted) for webhook in preview.webhooks)
        for preview in previews
    )


def unknown_operations(previews: Iterable[StackPreview]) -> list[tuple[str, WebhookChange]]:
    """Return the webhooks with an operation that this version does not know, each with the name of its stack."""
    return [
        (preview.name, webhook)
        for preview in previews
        for webhook in preview.webhooks
        if webhook.kind is Kind.OTHER
    ]
