"""`SinchWebhooks`: the read-only list of a project's webhooks.

A resource that is read, not a function. So it runs in the plugin with the provider's settings, and under mocks.
The import path of `SinchWebhooksProvider` must never change, as that of `SinchWebhookProvider` (see `provider`).
"""

from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import ReadResult

from pulumi_sinch.core import lifecycle
from pulumi_sinch.core.diagnostics import hide_tracebacks
from pulumi_sinch.explicit_provider import AccountResource
from pulumi_sinch.provider import ConfiguredProvider

_ID = "webhooks"


class SinchWebhooksProvider(ConfiguredProvider):
    """Reads the list."""

    @hide_tracebacks
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """List the webhooks of the project, all pages."""
        return ReadResult(id_, lifecycle.list_webhooks(self.settings, props))


class SinchWebhooks(AccountResource, module="sinch", name="Webhooks"):
    """The webhooks that a project has at Sinch, whoever made them. Only read, with `get`; never changed.

    Example:
        ```python
        everything = SinchWebhooks.get("everything")
        pulumi.export("quotaUsed", everything.webhooks.apply(len))
        ```
    """

    project_id: Output[str]
    """Sinch project that was listed."""
    webhooks: Output[list[dict[str, Any]]]
    """For each webhook its ``id``, ``target``, ``triggers`` and ``project_id``, ordered by target. Sinch never shows a
    secret."""

    def __init__(self) -> None:
        """Refuse: there is nothing to create.

        Raises:
            TypeError: Always.
        """
        raise TypeError("A project's webhooks are read with SinchWebhooks.get(resource_name)")

    @classmethod
    def get(
        cls,
        resource_name: str,
        *,
        project_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> "SinchWebhooks":
        """List the webhooks of a project. Previews read too, so they need credentials.

        Args:
            resource_name: Its name in the stack.
            project_id: Sinch project. Defaults to the provider's or the stack's ``sinch:projectId``, then to
                ``SINCH_PROJECT_ID``.
            opts: Options of every Pulumi resource; `provider` chooses the account.

        Returns:
            The list, as it is when it is read: what the same program creates is in it only after ``depends_on``.

        Raises:
            RunError: Pulumi would ignore the provider that a component maps to ``sinch``.
        """
        webhooks = cls.__new__(cls)
        props: dict[str, Any] = {"project_id": project_id, "webhooks": None}
        options = ResourceOptions.merge(opts, ResourceOptions(id=_ID))
        AccountResource.__init__(webhooks, SinchWebhooksProvider(), resource_name, props, options)
        return webhooks
