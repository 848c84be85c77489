"""The rules for the webhooks of an environment.

If a rule is broken, the program fails before it declares any webhook.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callbacks import WantedWebhook


@dataclass(frozen=True)
class Rules:
    """`hosts`: allowed hosts of targets. `at_most`: maximum number of webhooks in this stack."""

    hosts: tuple[str, ...]
    allow_all: bool = False
    at_most: int = 15

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "Rules":
        return cls(tuple(config["hosts"]), config.get("allowAll", False), config.get("atMost", 15))


def broken_rules(rules: Rules, wanted: Mapping[str, WantedWebhook]) -> Iterator[str]:
    for name, webhook in wanted.items():
        target = urlsplit(webhook.target)
        if target.scheme != "https":
            yield f"{name}: the target must begin with https://"
        if target.hostname not in rules.hosts:
            hosts = ", ".join(rules.hosts)
            yield f"{name}: {target.hostname} is not one of this environment's hosts: {hosts}"
        if "ALL" in webhook.triggers and not rules.allow_all:
            yield f"{name}: name the triggers here, instead of ALL"
    if len(wanted) > rules.at_most:
        yield f"{len(wanted)} webhooks are more than the {rules.at_most} that this environment may have"


def enforce(rules: Rules, wanted: Mapping[str, WantedWebhook]) -> None:
    """Raise an error that names every broken rule."""
    broken = [*broken_rules(rules, wanted)]
    if broken:
        raise ValueError(
            "the rules of this environment are broken:\n" + "\n".join(f"- {rule}" for rule in broken)
        )
