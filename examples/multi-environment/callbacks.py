"""Structured config -> webhooks."""

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
    """Read `webhooks` of the stack's config; a missing or a misspelt key is an error."""
    return {
        name: WantedWebhook(**{**webhook, "triggers": tuple(webhook["triggers"])})
        for name, webhook in config.items()
    }


def declare(wanted: Mapping[str, WantedWebhook], *, protect: bool) -> dict[str, SinchWebhook]:
    """Declare the webhooks; protected ones are refused by `pulumi destroy` and cannot be replaced."""
    return {
        name: SinchWebhook(
            name,
            target=webhook.target,
            triggers=webhook.triggers,
            opts=pulumi.ResourceOptions(protect=protect),
        )
        for name, webhook in wanted.items()
    }
