"""`SinchWebhooks`: the read-only list of a project's webhooks.

`SinchWebhooks` is a resource that Pulumi only reads. There are two reasons for a resource instead of a
function: the request runs in the plugin process with the provider's settings, and unit tests can mock the
resource. The import path of `SinchWebhooksProvider` must never change, because states contain this path (see
`provider`).
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
    """The dynamic provider of `SinchWebhooks`. It reads the list."""

    @hide_tracebacks
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """List the webhooks of the project. The result contains all pages of the list."""
        return ReadResult(id_, lifecycle.list_webhooks(self.settings, props))


class SinchWebhooks(AccountResource, module="sinch", name="Webhooks"):
    """All webhooks of a project, including webhooks that Pulumi does not manage. Read them with `get`.

    Example:
        ```python
        everything = SinchWebhooks.get("everything")
        pulumi.export("quotaUsed", everything.webhooks.apply(len))
        ```
    """

    project_id: Output[str]
    """Id of the Sinch project."""
    webhooks: Output[list[dict[str, Any]]]
    """The ``id``, ``target``, ``triggers`` and ``project_id`` of each webhook, ordered by target. Sinch never
    shows a secret."""

    def __init__(self) -> None:
        """Raise an error, because a list cannot be created. Use `get`.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "SinchWebhooks cannot be created: use SinchWebhooks.get(resource_name) to read a project's "
            "webhooks"
        )

    @classmethod
    def get(
        cls,
        resource_name: str,
        *,
        project_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> "SinchWebhooks":
        """List the webhooks of a project. Previews send this request too, so they need credentials.

        Args:
            resource_name: The name of the list in the stack.
            project_id: Sinch project. Defaults to the provider's or the stack's ``sinch:projectId``, then to
                ``SINCH_PROJECT_ID``.
            opts: Options that every Pulumi resource has. `provider` chooses the account.

        Returns:
            The list at the time of the request. To include webhooks that the same program creates, name them
            in the option ``depends_on``.

        Raises:
            RunError: Pulumi would ignore the provider under the key ``sinch`` in the `providers` of a
                component.
        """
        webhooks = cls.__new__(cls)
        props: dict[str, Any] = {"project_id": project_id, "webhooks": None}
        options = ResourceOptions.merge(opts, ResourceOptions(id=_ID))
        AccountResource.__init__(webhooks, SinchWebhooksProvider(), resource_name, props, options)
        return webhooks
