"""The commands ``pulumi-sinch preview-comment`` and ``preview-redact``.

They turn previews of stacks into one Markdown comment for a review.

command            the command line, and the gate ``--fail-on``
files              preview files, and environment values that must not be shown
pulumi_output      parses the output of ``pulumi preview --json`` into steps and diagnostics
preview_schema     validates that output; an invalid one counts as a failed preview
redacted_json      a preview without private data, for artifacts
steps              one step: its kind of change and its resource
changes            turns the steps of one stack into changes of its webhooks
model              these changes, as dataclasses
comment            the Markdown comment: headline, warnings, table, stacks, quota
webhook_details    the change of one webhook as a list item
markdown           text that is safe inside Markdown
"""

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
