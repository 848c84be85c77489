"""What is done in each column of the fault matrix, and what can be found at Sinch afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from in_process_plugin import InProcessPlugin, webhook_contents
from pulumi.runtime.rpc import unwrap_rpc_secret

TARGET = "https://hooks.example.com/ours"
STRANGERS_TARGET = "https://hooks.example.com/strangers"
OLD_SECRET = "old-secret-of-the-matrix"
NEW_SECRET = "new-secret-of-the-matrix"
OLD_TRIGGERS = ["WHATSAPP_SENDER_ACTIVE"]
NEW_TRIGGERS = ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]


def properties(plugin: InProcessPlugin, secret: str, triggers: list[str]) -> dict[str, Any]:
    """Return what the engine hands over of a webhook."""
    return {
        "target": TARGET,
        "triggers": triggers,
        "secret": secret,
        "previous_secret": "",
        "project_id": plugin.project_id,
    }


@dataclass(frozen=True)
class Column:
    """One kind of request that meets the faults.

    Attributes:
        name: Of the column.
        method: HTTP method of the request.
        path: Pattern of its path.
        prepare: Brings emulator and plugin to the point just before the request; returns the webhook's id.
        act: Calls the provider; returns what it returns.
    """

    name: str
    method: str
    path: str
    prepare: Callable[[InProcessPlugin], str]
    act: Callable[[InProcessPlugin, str], Any]


def _nothing(_: InProcessPlugin) -> str:
    return ""


def _token(plugin: InProcessPlugin) -> str:
    plugin.warm_up(listing=False)
    return ""


def _token_and_listing(plugin: InProcessPlugin) -> str:
    plugin.warm_up(listing=True)
    return ""


def _existing(plugin: InProcessPlugin) -> str:
    plugin.warm_up(listing=True)
    return plugin.emulator.create_webhook(TARGET, OLD_TRIGGERS, OLD_SECRET).id


def _create(plugin: InProcessPlugin, _: str) -> Any:
    return plugin.provider.create(properties(plugin, NEW_SECRET, NEW_TRIGGERS))


def _read(plugin: InProcessPlugin, webhook_id: str) -> Any:
    return plugin.provider.read(webhook_id, properties(plugin, OLD_SECRET, OLD_TRIGGERS))


def _update(plugin: InProcessPlugin, webhook_id: str) -> Any:
    olds = properties(plugin, OLD_SECRET, OLD_TRIGGERS)
    return plugin.provider.update(webhook_id, olds, properties(plugin, NEW_SECRET, NEW_TRIGGERS))


def _delete(plugin: InProcessPlugin, webhook_id: str) -> None:
    plugin.provider.delete(webhook_id, properties(plugin, OLD_SECRET, OLD_TRIGGERS))


COLUMNS = {
    column.name: column
    for column in (
        Column("token", "POST", "/oauth2/token", _nothing, _create),
        Column("list", "GET", "*/webhooks", _token, _create),
        Column("create", "POST", "*/webhooks", _token_and_listing, _create),
        Column("read", "GET", "*/webhooks/*", _existing, _read),
        Column("update", "PATCH", "*/webhooks/*", _existing, _update),
        Column("delete", "DELETE", "*/webhooks/*", _existing, _delete),
    )
}


def at_sinch(plugin: InProcessPlugin) -> str:
    """Say what is there: ``none``, ``old`` or ``new`` fields, or both of them mixed up."""
    ours = [webhook for webhook in plugin.emulator.webhooks() if webhook.target != STRANGERS_TARGET]
    if not ours:
        return "none"
    if len(ours) > 1:
        return f"{len(ours)} webhooks"
    known = {
        "old": {"target": TARGET, "triggers": set(OLD_TRIGGERS), "secret": OLD_SECRET},
        "new": {"target": TARGET, "triggers": set(NEW_TRIGGERS), "secret": NEW_SECRET},
    }
    return next((name for name, fields in known.items() if fields == webhook_contents(ours[0])), "mixed")


def secret_of(outputs: Any) -> Any:
    """Return the secret that the engine would put into the state."""
    return unwrap_rpc_secret(outputs["secret"])
