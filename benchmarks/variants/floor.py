"""The floor: a dynamic provider that does nothing, with the inputs and outputs of `SinchWebhook`.

Its time is the time of the engine, the SDK and the plugin process. The provider's class is in a module that
can be imported, so Pulumi pickles the class by reference, as it does with `SinchWebhookProvider`.
"""

from typing import Any

from pulumi import Output, ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult


class FloorProvider(ResourceProvider):
    """Sends no requests, and returns the inputs of the resource as its outputs."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the inputs, with the target as the id."""
        return CreateResult(props["target"], {**props, "previous_secret": ""})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Return the new inputs."""
        return UpdateResult({**news, "previous_secret": ""})


class FloorWebhook(Resource, module="floor", name="Webhook"):
    """Has the properties of a `SinchWebhook`, but creates no webhook."""

    def __init__(self, name: str, *, target: str, triggers: list[str], secret: str, project_id: str) -> None:
        """Declare the resource."""
        super().__init__(
            FloorProvider(),
            name,
            {
                "target": target,
                "triggers": triggers,
                "secret": Output.secret(secret),
                "previous_secret": None,
                "project_id": project_id,
            },
            ResourceOptions(additional_secret_outputs=["secret", "previous_secret"]),
        )
