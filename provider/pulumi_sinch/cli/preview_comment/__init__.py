"""The commands ``pulumi-sinch preview-comment`` and ``preview-redact``.

`preview-comment` turns previews of stacks into one Markdown comment for a review. `preview-redact` removes
private data from a preview.

`command`: Defines the command lines, and applies ``--fail-on``.
`files`: Reads preview files, and finds secret values of environment variables, which must not be shown.
`pulumi_output`: Parses the output of ``pulumi preview --json`` into steps and diagnostics.
`preview_schema`: Validates the JSON of a preview. Invalid JSON counts as a failed preview.
`redacted_json`: Removes private data from a preview, so that it can be a CI artifact.
`steps`: Reads the kind of change and the resource of one step.
`changes`: Turns the steps of one stack into changes of its webhooks.
`model`: Defines the dataclasses for changes of webhooks.
`comment`: Writes the Markdown comment: headline, warnings, table, stacks, quota.
`webhook_details`: Describes the change of one webhook as a list item.
`markdown`: Escapes text for Markdown.
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
