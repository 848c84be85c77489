"""Format the webhooks of a project as readable text, as tab-separated lines, or as JSON."""

import json
from collections.abc import Sequence

from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core.read import describe
from pulumi_sinch.core.trigger_order import ordered_triggers
from pulumi_sinch.redaction import redact_target, sanitize


def quota_used(webhooks: Sequence[Webhook]) -> str:
    """Return how much of a project's quota is used, such as ``3 of 15 webhooks``."""
    return f"{len(webhooks)} of {MAX_WEBHOOKS} webhooks"


def as_json(webhooks: Sequence[Webhook], project_id: str) -> str:
    """Return JSON for scripts, with full targets."""
    document = {
        "project_id": project_id,
        "quota": {"used": len(webhooks), "limit": MAX_WEBHOOKS},
        "webhooks": describe(webhooks, project_id),
    }
    return json.dumps(document, indent=2)


def as_text(webhooks: Sequence[Webhook], project_id: str) -> str:
    """Return the quota, and a paragraph for each webhook: its id, its target and one line for each trigger.

    Targets are redacted. Lines are not wrapped: a long target can be wider than the terminal.
    """
    return "\n\n".join(
        [f"Project {project_id}: {quota_used(webhooks)}", *(_paragraph(webhook) for webhook in webhooks)]
    )


def as_tab_separated(webhooks: Sequence[Webhook]) -> str:
    """Return one line per webhook: id, redacted target, and triggers separated by commas."""
    return "\n".join(
        "\t".join([sanitize(webhook.id), redact_target(webhook.target) or "-", ",".join(_triggers(webhook))])
        for webhook in webhooks
    )


def _paragraph(webhook: Webhook) -> str:
    triggers = "\n            ".join(_triggers(webhook))
    return (
        f"{sanitize(webhook.id)}\n  target    {redact_target(webhook.target) or '-'}\n  triggers  {triggers}"
    )


def _triggers(webhook: Webhook) -> list[str]:
    return [sanitize(trigger) for trigger in ordered_triggers(webhook.triggers, ())] or ["-"]
