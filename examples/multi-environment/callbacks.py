"""Declare webhooks from structured config."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_sinch import SinchWebhook


@dataclass(frozen=True)
class WantedWebhook:
    target: str
    triggers: tuple[str, ...]


def wanted_webhooks(config: Mapping[str, Mapping[str, Any]]) -> dict[str, WantedWebhook]:
    """Read `webhooks` from the stack's config. A missing or misspelt key is an error."""
    return {name: _wanted_webhook(webhook) for name, webhook in config.items()}


def _wanted_webhook(config: Mapping[str, Any]) -> WantedWebhook:
    fields: dict[str, Any] = {**config, "triggers": tuple(config["triggers"])}
    return WantedWebhook(**fields)


def declare(wanted: Mapping[str, WantedWebhook], *, protect: bool) -> dict[str, SinchWebhook]:
    """Declare the webhooks. Pulumi does not delete or replace a webhook with `protect=True`."""
    return {
        name: SinchWebhook(
            name,
            target=webhook.target,
            triggers=webhook.triggers,
            opts=pulumi.ResourceOptions(protect=protect),
        )
        for name, webhook in wanted.items()
    }
