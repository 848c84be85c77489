"""The columns of the fault matrix: requests, and the result at Sinch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from in_process_plugin import InProcessPlugin, webhook_contents
from pulumi.runtime.rpc import unwrap_rpc_secret

TARGET = "https://hooks.example.com/ours"
FOREIGN_TARGET = "https://hooks.example.com/foreign"
OLD_SECRET = "old-secret-of-the-matrix"
NEW_SECRET = "new-secret-of-the-matrix"
OLD_TRIGGERS = ["WHATSAPP_SENDER_ACTIVE"]
NEW_TRIGGERS = ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]


def properties(plugin: InProcessPlugin, secret: str, triggers: list[str]) -> dict[str, Any]:
    """Return the properties of a webhook as the engine sends them."""
    return {
        "target": TARGET,
        "triggers": triggers,
        "secret": secret,
        "previous_secret": "",
        "project_id": plugin.project_id,
    }


@dataclass(frozen=True)
class Column:
    """One kind of request.

    Attributes:
        name: The name of the column.
        method: HTTP method of the request.
        path: Pattern of its path.
        prepare: Prepares emulator and plugin for the request. Returns the webhook's id.
        act: Calls the provider. Returns its result.
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
    """Return the state at Sinch: ``none``, ``old`` or ``new`` fields, or a mix of both."""
    ours = [webhook for webhook in plugin.emulator.webhooks() if webhook.target != FOREIGN_TARGET]
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
    """Return the secret that the engine would store in the state."""
    return unwrap_rpc_secret(outputs["secret"])
