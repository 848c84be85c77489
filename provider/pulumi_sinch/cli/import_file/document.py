"""The import file: webhooks in the shape in which the engine keeps them. Pure functions.

What the engine needs in it is in ENGINE.md, Import: no Read happens, so each entry carries the whole state of its
webhook, as `SinchWebhookProvider.read` gives it.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY, WEBHOOK_TYPE
from pulumi_sinch.core.inputs import KNOWN_TRIGGERS, ordered_triggers
from pulumi_sinch.provider import SinchWebhookProvider

_PROVIDER_URN = re.compile(
    r"(?P<urn>urn:pulumi:[^:]+::[^:]+::(?:[^:]\S*\$)?pulumi:providers:pulumi-python::(?P<name>[^:\s]+))(?:::\S+)?"
)


@dataclass(frozen=True)
class ProviderReference:
    """An explicit provider of the stack.

    Attributes:
        name: Its name in the stack.
        urn: Its URN.
    """

    name: str
    urn: str

    @classmethod
    def parse(cls, urn: str) -> "ProviderReference":
        """Read a URN as ``pulumi stack --show-urns`` prints it; the id that a state adds to it is left away.

        Raises:
            SinchError: It is not the URN of a provider for dynamic resources.
        """
        match = _PROVIDER_URN.fullmatch(urn.strip())
        if match is None:
            raise SinchError(
                "The provider must be given as a URN such as "
                "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::eu",
                hint="`pulumi stack --show-urns` prints it.",
            )
        return cls(match["name"], match["urn"])


@dataclass(frozen=True)
class Entry:
    """One webhook to import.

    Attributes:
        name: Of the resource and of its variable.
        webhook: As it is at Sinch.
        secret: The one that its receiver uses; empty where the stack shall not know it.
    """

    name: str
    webhook: Webhook
    secret: str = field(default="", repr=False)


def import_document(
    entries: Iterable[Entry], project_id: str, provider: ProviderReference | None = None
) -> dict[str, Any]:
    """Return the content of the file that ``pulumi import --file`` takes."""
    reference = {"provider": provider.name} if provider else {}
    resources = [
        {
            "type": WEBHOOK_TYPE,
            "name": entry.name,
            "id": entry.webhook.id,
            **reference,
            "inputs": _inputs(entry, project_id),
            # A missing output would be unknown. An empty secret means that only Sinch knows it.
            "outputs": {
                **_properties(entry, project_id),
                "secret": _secret(entry.secret),
                "previous_secret": _secret(""),
            },
        }
        for entry in entries
    ]
    return {"nameTable": {provider.name: provider.urn} if provider else {}, "resources": resources}


def _inputs(entry: Entry, project_id: str) -> dict[str, Any]:
    """Return what the program gives: the engine warns of anything that `check` rejects."""
    secret = {"secret": _secret(entry.secret)} if entry.secret else {}
    newer = not KNOWN_TRIGGERS.issuperset(entry.webhook.triggers)
    flags = {"allow_unknown_triggers": True} if newer else {}
    return {**_properties(entry, project_id), **secret, **flags}


def _properties(entry: Entry, project_id: str) -> dict[str, Any]:
    return {
        # The engine finds the provider's code here; without it, refresh and destroy fail for good.
        PROVIDER_KEY: serialize_provider(SinchWebhookProvider()),
        "target": entry.webhook.target,
        "triggers": ordered_triggers(entry.webhook.triggers, ()),
        "project_id": project_id,
    }


def _secret(value: str) -> dict[str, str]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": json.dumps(value)}
