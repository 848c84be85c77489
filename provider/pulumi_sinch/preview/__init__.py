"""`pulumi preview --json` -> webhook changes -> one Markdown comment for a review."""

from pulumi_sinch.preview.changes import parse
from pulumi_sinch.preview.comment import MARKER, render
from pulumi_sinch.preview.model import (
    Drift,
    Kind,
    StackPreview,
    WebhookChange,
    WebhookState,
    has_change,
    unknown_operations,
)

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
    "unknown_operations",
]
