"""`SinchWebhooks`: the read-only list of a project's webhooks.

A resource read instead of a function, so that it runs in the plugin with the provider's settings, and under mocks.
The import path of `SinchWebhooksProvider` is frozen for ever, as that of `SinchWebhookProvider` (see `provider`).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import ConfigureRequest, ReadResult, ResourceProvider

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.core.diagnostics import plain_errors
from pulumi_sinch.core.lazy_imports import fast_import
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.explicit_provider import AccountResource

if TYPE_CHECKING:
    from pulumi_sinch.api.models import Webhook

_ID = "webhooks"


class SinchWebhooksProvider(ResourceProvider):
    """Reads the list."""

    serialize_as_secret_always = False
    settings = Settings()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the settings; what is wrong with them is told later, when it matters."""
        self.settings = Settings.read(req.config.get)

    @plain_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """List the webhooks of the project, all pages."""
        with fast_import():
            from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE  # noqa: PLC0415 - loads requests
            from pulumi_sinch.core.operation import operation  # noqa: PLC0415 - as above

        settings = self.settings
        project_id = props.get("project_id") or settings.project_id or settings.environment_project_id
        if not project_id:
            raise SettingsError(
                f"project_id is missing: give it to SinchWebhooks.get, or set sinch:projectId "
                f"({ENVIRONMENT['projectId']})",
                hint=settings.misplaced_hint("projectId"),
            )
        with operation(settings, props, project_id=project_id) as at_sinch:
            webhooks = at_sinch.cache.webhooks(at_sinch.deadline, max_age=MAX_AGE_FOR_CREATE)
        return ReadResult(
            id_, {"project_id": project_id, "webhooks": describe(webhooks.values(), project_id)}
        )


def describe(webhooks: Iterable["Webhook"], project_id: str) -> list[dict[str, Any]]:
    """Return webhooks as plain data, ordered by target, because Sinch documents no order.

    Returns:
        For each its ``id``, ``target``, ``triggers`` (sorted, those unknown to this release last) and ``project_id``.
    """
    with fast_import():
        from pulumi_sinch.core.inputs import ordered_triggers  # noqa: PLC0415 - loads pydantic

    return [
        {
            "id": webhook.id,
            "target": webhook.target,
            "triggers": ordered_triggers(webhook.triggers, ()),
            "project_id": project_id,
        }
        for webhook in sorted(webhooks, key=lambda webhook: (webhook.target, webhook.id))
    ]


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
