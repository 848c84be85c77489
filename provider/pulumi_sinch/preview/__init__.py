"""`pulumi preview --json` -> webhook changes -> one Markdown comment for a review."""

from pulumi_sinch.preview.changes import (
    Drift,
    Kind,
    StackPreview,
    WebhookChange,
    WebhookState,
    has_change,
    parse,
)
from pulumi_sinch.preview.comment import MARKER, render

__all__ = [
    "MARKER",
    "Drift",
    "Kind",
    "StackPreview",
    "WebhookChange",
    "WebhookState",
    "has_change",
    "parse",
    "render",
]
