"""The webhooks that every variant of the benchmark declares, told by environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

PER_PROJECT = 15
"""Sinch's quota (CONTRACT.md, Fields)."""


@dataclass(frozen=True)
class DesiredWebhook:
    """One webhook of the benchmark.

    Attributes:
        name: Its name in the stack.
        project_id: Where it lives.
        target: URL.
        triggers: Two, or three where the benchmark changes it.
        secret: A sample.
    """

    name: str
    project_id: str
    target: str
    triggers: list[str]
    secret: str


def project_ids(variant: str, size: int) -> list[str]:
    """Return the projects that `size` webhooks of a variant fill."""
    return [f"{variant}-{number}" for number in range(-(-size // PER_PROJECT))]


def desired_webhooks(environment: Mapping[str, str] = os.environ) -> list[DesiredWebhook]:
    """Return what a program declares.

    Args:
        environment: ``BENCH_VARIANT`` names the projects, ``BENCH_SIZE`` is the number of webhooks, and where
            ``BENCH_EXTRA_TRIGGER`` is set the first webhook has one trigger more.
    """
    size = int(environment["BENCH_SIZE"])
    projects = project_ids(environment["BENCH_VARIANT"], size)
    triggers = ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_INACTIVE"]
    extra = ["WHATSAPP_SENDER_ERROR"] if environment.get("BENCH_EXTRA_TRIGGER") else []
    return [
        DesiredWebhook(
            name=f"webhook-{number}",
            project_id=projects[number // PER_PROJECT],
            target=f"https://hooks.example.com/benchmark/{number}",
            triggers=triggers + (extra if number == 0 else []),
            secret=f"a-sample-secret-of-the-benchmark-{number:04}",
        )
        for number in range(size)
    ]
