"""The dynamic provider of `SinchWebhook`. It decodes requests, calls `core.lifecycle` and encodes results.

The import path of `SinchWebhookProvider` must never change. The state of every resource contains a pickle
that refers to the class by this path, and refresh and destroy import the class from there (ENGINE.md, Shape).
So that the pickle contains only this reference, the class has no constructor arguments, and only `configure`
sets attributes.
"""

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_sinch.core import lifecycle
from pulumi_sinch.core.diagnostics import hide_tracebacks
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.core.signing_secret import mark_secrets


class ConfiguredProvider(ResourceProvider):
    """A dynamic provider that reads the settings of its account."""

    serialize_as_secret_always = False
    settings: Settings = Settings()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the settings. An invalid setting is reported by the first operation that uses the settings."""
        self.settings = Settings.read(req.config.get, keys=_config_keys(req.config))


def _config_keys(config: object) -> list[str]:
    """Return the keys of a provider's config from a private attribute of the SDK.

    The list of keys is empty if the SDK does not have the private attribute.
    """
    values = getattr(config, "_props", None)
    return [key for key in values if isinstance(key, str)] if isinstance(values, Mapping) else []


class SinchWebhookProvider(ConfiguredProvider):
    """Checks, compares, creates, reads, updates and deletes webhooks."""

    @hide_tracebacks
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate the inputs, and complete them.

        Returns:
            The inputs to store, or a list of all problems. The field `property` of each problem is empty.
            Otherwise, the engine would print the value of the property, which can be a secret.
        """
        checked = lifecycle.check(self.settings, olds, news)
        failures = [CheckFailure("", problem) for problem in checked.problems]
        return CheckResult(mark_secrets(checked.inputs), failures)

    @hide_tracebacks
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the program with the state.

        Returns:
            The properties that force a replacement, and `changes`, which is `None` or `False`. `None` means
            that a stored property changes: the engine then compares the inputs itself, and shows each changed
            property. `False` means that no stored property changes. For example, `changes` is `False` if only
            `adopt` changed, because `adopt` matters only at create.
        """
        compared = lifecycle.diff(_id, olds, news)
        return DiffResult(
            changes=None if compared.changes else False,
            replaces=[*compared.replaces],
            delete_before_replace=compared.delete_before_replace,
        )

    @hide_tracebacks
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the webhook. With `adopt`, adopt the webhook that has the target, if there is one."""
        created = lifecycle.create(self.settings, props)
        return CreateResult(created.id, mark_secrets(created.outputs))

    @hide_tracebacks
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the webhook. An empty id tells the engine that the webhook does not exist any more."""
        state = lifecycle.read(self.settings, id_, props)
        if state is None:
            return ReadResult("", {})
        return ReadResult(state.id, mark_secrets(state.outputs), mark_secrets(state.inputs))

    @hide_tracebacks
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Send the changed fields to Sinch."""
        return UpdateResult(mark_secrets(lifecycle.update(self.settings, _id, olds, news)))

    @hide_tracebacks
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the webhook."""
        lifecycle.delete(self.settings, _id, props)
