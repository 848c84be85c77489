"""The import file: webhooks in the format of the engine's state. Pure functions.

The engine imports a dynamic resource without calling `read` of its provider (ENGINE.md, Import). So the file
contains the whole state of each webhook, as `SinchWebhookProvider.read` would return it.
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
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, ordered_triggers
from pulumi_sinch.plugin.properties import WEBHOOK as PLUGIN_TYPE
from pulumi_sinch.provider import SinchWebhookProvider

_PROVIDER_URN = re.compile(
    r"(?P<urn>urn:pulumi:[^:]+::[^:]+::(?:[^:]\S*\$)?pulumi:providers:(?P<package>[\w-]+)::(?P<name>[^:\s]+))(?:::\S+)?"
)
DYNAMIC_PACKAGE = "pulumi-python"
PLUGIN_PACKAGE = "sinch"


@dataclass(frozen=True)
class ProviderReference:
    """An explicit provider: a provider resource of the stack that manages the imported webhooks.

    Attributes:
        name: The name of the provider in the stack.
        urn: The URN of the provider.
    """

    name: str
    urn: str

    @classmethod
    def parse(cls, urn: str, package: str = DYNAMIC_PACKAGE) -> "ProviderReference":
        """Parse the URN of a provider resource, as ``pulumi stack --show-urns`` prints it.

        The text may end with ``::`` and the id of the provider resource, as in Pulumi's state. This id is
        ignored.

        Args:
            urn: The URN.
            package: The package of the provider: `DYNAMIC_PACKAGE` or `PLUGIN_PACKAGE`.

        Raises:
            SinchError: `urn` is not the URN of a provider of `package`.
        """
        match = _PROVIDER_URN.fullmatch(urn.strip())
        if match is None or match["package"] != package:
            raise SinchError(
                "The provider must be given as a URN such as "
                f"urn:pulumi:dev::shop::pulumi:providers:{package}::eu",
                hint="`pulumi stack --show-urns` prints the URNs of a stack.",
            )
        return cls(match["name"], match["urn"])


@dataclass(frozen=True)
class Entry:
    """One webhook to import.

    Attributes:
        name: Name of the resource in the stack, and of its variable in the program.
        webhook: The webhook at Sinch.
        secret: The secret that the webhook's receiver uses. Empty if the user does not give it.
    """

    name: str
    webhook: Webhook
    secret: str = field(default="", repr=False)


def import_document(
    entries: Iterable[Entry], project_id: str, provider: ProviderReference | None = None
) -> dict[str, Any]:
    """Return the content of the import file for `SinchWebhook` resources, with the state of each webhook."""
    reference = {"provider": provider.name} if provider else {}
    resources = [
        {
            "type": WEBHOOK_TYPE,
            "name": entry.name,
            "id": entry.webhook.id,
            **reference,
            "inputs": _inputs(entry, project_id),
            # A missing output would be unknown in previews. An empty secret means: only Sinch knows it.
            "outputs": {
                **_properties(entry, project_id),
                "secret": _secret(entry.secret),
                "previous_secret": _secret(""),
            },
        }
        for entry in entries
    ]
    return {"nameTable": {provider.name: provider.urn} if provider else {}, "resources": resources}


def plugin_import_document(
    entries: Iterable[Entry], project_id: str, provider: ProviderReference | None = None
) -> dict[str, Any]:
    """Return the content of the import file for the provider plugin.

    The file names each webhook only by its id, because the plugin reads the webhook during the import.
    """
    reference = {"provider": provider.name} if provider else {}
    resources = [
        {"type": PLUGIN_TYPE, "name": entry.name, "id": f"{project_id}/{entry.webhook.id}", **reference}
        for entry in entries
    ]
    return {"nameTable": {provider.name: provider.urn} if provider else {}, "resources": resources}


def _inputs(entry: Entry, project_id: str) -> dict[str, Any]:
    """Return the inputs that the program declares for the webhook.

    `check` accepts these inputs. Otherwise, the engine would print a warning during the import.
    """
    secret = {"secret": _secret(entry.secret)} if entry.secret else {}
    newer = not KNOWN_TRIGGERS.issuperset(entry.webhook.triggers)
    flags = {"allow_unknown_triggers": True} if newer else {}
    return {**_properties(entry, project_id), **secret, **flags}


def _properties(entry: Entry, project_id: str) -> dict[str, Any]:
    return {
        # The engine finds the provider's code here. Without this property, refresh and destroy always fail.
        PROVIDER_KEY: serialize_provider(SinchWebhookProvider()),
        "target": entry.webhook.target,
        "triggers": ordered_triggers(entry.webhook.triggers, ()),
        "project_id": project_id,
    }


def _secret(value: str) -> dict[str, str]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": json.dumps(value)}
