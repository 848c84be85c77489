"""Read: a webhook, or all webhooks of a project, as Sinch has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import same_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE
from pulumi_sinch.core import route
from pulumi_sinch.core.diff import outputs
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.core.signing_secret import SECRETS
from pulumi_sinch.core.trigger_order import ordered_triggers


@dataclass(frozen=True)
class ReadState:
    """A webhook as Sinch has it, in the form of the state.

    Attributes:
        inputs: Returned too, so that the next `up` repairs drift.
        outputs: Include the secrets of the state, because Sinch never shows them.
    """

    inputs: Mapping[str, Any] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)


def read(settings: Settings, webhook_id: str, props: Mapping[str, Any]) -> ReadState | None:
    """Read a webhook.

    Args:
        settings: Of the provider instance.
        webhook_id: The id that Sinch gave it.
        props: The outputs in the state. A lookup (`get`) has no target.

    Returns:
        None if Sinch says that a managed webhook does not exist.

    Raises:
        WebhookNotFoundError: A lookup found no webhook.
        SinchError: The request failed, or the project is missing.
    """
    project_id = props.get("project_id") or settings.default_project({})
    if not project_id:
        missing = settings.missing_project("the webhook")
        raise SettingsError(". ".join(filter(None, (missing.sentence, missing.hint))))
    # A managed webhook always has a target. It is empty if the live one drifted to null.
    managed = props.get("target") is not None
    with open_operation(settings, props, project_id=project_id) as operation:
        webhook = operation.find(webhook_id) if managed else operation.get(webhook_id)
    if webhook is None:
        return None
    # Another spelling of the same URL is not drift.
    is_same = managed and same_target(webhook.target, props["target"])
    live = {
        **{key: props[key] for key in (*SECRETS, "secret_version") if props.get(key)},
        "target": props["target"] if is_same else webhook.target,
        "triggers": ordered_triggers(webhook.triggers, props.get("triggers") or ()),
        "project_id": project_id,
    }
    return ReadState({"previous_secret": "", **live}, outputs(live, live.get("secret", "")))


def list_webhooks(settings: Settings, props: Mapping[str, Any]) -> dict[str, Any]:
    """List the webhooks of a project, all pages.

    Args:
        settings: Of the provider instance.
        props: May name the project.

    Returns:
        The outputs ``project_id`` and ``webhooks``.

    Raises:
        SinchError: The request failed, or the project is missing.
    """
    project_id = props.get("project_id") or settings.default_project({})
    if not project_id:
        raise settings.missing_project(route.current().list_function)
    with open_operation(settings, props, project_id=project_id) as operation:
        webhooks = operation.cache.webhooks(operation.deadline, max_age=MAX_AGE_FOR_CREATE)
    return {"project_id": project_id, "webhooks": describe(webhooks.values(), project_id)}


def describe(webhooks: Iterable[Webhook], project_id: str) -> list[dict[str, Any]]:
    """Return webhooks as plain data, ordered by target, because Sinch documents no order.

    Returns:
        The ``id``, ``target``, ``triggers`` (sorted, those unknown to this release last) and ``project_id`` of each.
    """
    return [
        {
            "id": webhook.id,
            "target": webhook.target,
            "triggers": ordered_triggers(webhook.triggers, ()),
            "project_id": project_id,
        }
        for webhook in sorted(webhooks, key=lambda webhook: (webhook.target, webhook.id))
    ]
