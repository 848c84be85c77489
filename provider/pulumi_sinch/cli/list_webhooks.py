"""What a project has at Sinch, for the command line: fetched, as JSON, as a table."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core.inputs import PROJECT_ID
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.read import describe
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.core.trigger_order import ordered_triggers
from pulumi_sinch.redaction import redact_target, sanitize

if TYPE_CHECKING:
    from rich.table import Table


def choose_project(settings: Settings, project_id: str | None) -> str:
    """Return the project to look at: the given one, else that of the environment.

    Raises:
        SettingsError: There is none, or it cannot be one.
    """
    chosen = project_id or settings.environment_project_id
    if not chosen:
        raise SettingsError(f"The project is missing: give --project, or set {ENVIRONMENT['projectId']}")
    if not PROJECT_ID.fullmatch(chosen):
        raise SettingsError(
            "The project id may hold only letters, digits, hyphens and underscores; it is not its name"
        )
    return chosen


def live_webhooks(settings: Settings, project_id: str) -> list[Webhook]:
    """Return all webhooks of a project as they are at Sinch, ordered by target.

    Raises:
        SinchError: As every call, with a hint of what to do.
    """
    if not (settings.problems or settings.can_authenticate):
        token, key_id, key_secret = (ENVIRONMENT[key] for key in ("accessToken", "keyId", "keySecret"))
        raise SettingsError(
            f"Sinch credentials are missing: set {key_id} and {key_secret}, or {token}",
            hint="This command reads the environment only, not the config of a stack.",
        )
    with open_operation(settings, {}, project_id=project_id) as at_sinch:
        webhooks = at_sinch.cache.webhooks(at_sinch.deadline, max_age=0)
    return sorted(webhooks.values(), key=lambda webhook: (webhook.target, webhook.id))


def quota_used(webhooks: Sequence[Webhook]) -> str:
    """Say how much of the quota is used, such as ``3 of 15 webhooks``."""
    return f"{len(webhooks)} of {MAX_WEBHOOKS} webhooks"


def as_json(webhooks: Sequence[Webhook], project_id: str) -> str:
    """Return the listing for scripts, targets in full."""
    document = {
        "project_id": project_id,
        "quota": {"used": len(webhooks), "limit": MAX_WEBHOOKS},
        "webhooks": describe(webhooks, project_id),
    }
    return json.dumps(document, indent=2)


def as_table(webhooks: Sequence[Webhook], project_id: str) -> "Table":
    """Return the listing for people, targets without the credentials that they carry."""
    from rich.table import Table  # noqa: PLC0415 - of the extra `tools`
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(title=f"Project {project_id}: {quota_used(webhooks)}", title_justify="left")
    table.add_column("Id", overflow="fold", no_wrap=True)
    table.add_column("Target", overflow="fold")
    table.add_column("Triggers", overflow="fold")
    for webhook in webhooks:
        # As `Text`, because square brackets in a string are markup.
        cells = (
            sanitize(webhook.id),
            sanitize(redact_target(webhook.target)) or "-",
            "\n".join(map(sanitize, ordered_triggers(webhook.triggers, ()))) or "-",
        )
        table.add_row(*map(Text, cells))
    return table
