"""The webhooks that each variant of the benchmark declares. Environment variables set their number."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

PER_PROJECT = 15
"""The maximum number of webhooks in a Sinch project (CONTRACT.md, Fields)."""


@dataclass(frozen=True)
class DesiredWebhook:
    """One webhook of the benchmark.

    Attributes:
        name: The name in the stack.
        project_id: The Sinch project.
        target: The URL.
        triggers: Two triggers, or three if the benchmark adds one.
        secret: A sample secret.
    """

    name: str
    project_id: str
    target: str
    triggers: list[str]
    secret: str


def project_ids(variant: str, size: int) -> list[str]:
    """Return the ids of the Sinch projects that `size` webhooks of a variant need."""
    return [f"{variant}-{number}" for number in range(-(-size // PER_PROJECT))]


def desired_webhooks(environment: Mapping[str, str] = os.environ) -> list[DesiredWebhook]:
    """Return the webhooks that a program declares.

    Args:
        environment: ``BENCH_VARIANT`` is the name of the variant, which is part of the project ids.
            ``BENCH_SIZE`` is the number of webhooks. With ``BENCH_EXTRA_TRIGGER``, the first webhook has one
            more trigger.
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
