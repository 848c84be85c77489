"""`pulumi preview --json` -> webhook changes -> one Markdown comment for a review."""

from pulumi_sinch.cli.preview_comment.changes import parse
from pulumi_sinch.cli.preview_comment.comment import MARKER, render
from pulumi_sinch.cli.preview_comment.model import (
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
