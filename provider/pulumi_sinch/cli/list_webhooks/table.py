"""The webhooks of a project as a table or as JSON."""

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core.read import describe
from pulumi_sinch.core.trigger_order import ordered_triggers
from pulumi_sinch.redaction import redact_target, sanitize


def quota_used(webhooks: Sequence[Webhook]) -> str:
    """Return the used part of the quota, such as ``3 of 15 webhooks``."""
    return f"{len(webhooks)} of {MAX_WEBHOOKS} webhooks"


def as_json(webhooks: Sequence[Webhook], project_id: str) -> str:
    """Return JSON for scripts. Targets are shown in full."""
    document = {
        "project_id": project_id,
        "quota": {"used": len(webhooks), "limit": MAX_WEBHOOKS},
        "webhooks": describe(webhooks, project_id),
    }
    return json.dumps(document, indent=2)


def as_table(webhooks: Sequence[Webhook], project_id: str) -> Table:
    """Return a table for people. Targets are redacted."""
    table = Table(title=f"Project {project_id}: {quota_used(webhooks)}", title_justify="left")
    table.add_column("Id", overflow="fold", no_wrap=True)
    table.add_column("Target", overflow="fold")
    table.add_column("Triggers", overflow="fold")
    for webhook in webhooks:
        # As `Text`, because square brackets in a string are markup.
        cells = (
            sanitize(webhook.id),
            redact_target(webhook.target) or "-",
            "\n".join(map(sanitize, ordered_triggers(webhook.triggers, ()))) or "-",
        )
        table.add_row(*map(Text, cells))
    return table
