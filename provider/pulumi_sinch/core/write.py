"""Write: create, update or delete a webhook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_sinch.core.diff import outputs, plan_update
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.core.signing_secret import decide_secret


@dataclass(frozen=True)
class Created:
    """A webhook that was created or adopted."""

    id: str
    outputs: Mapping[str, Any] = field(repr=False)


def create(settings: Settings, inputs: Mapping[str, Any]) -> Created:
    """Create a webhook, or adopt the one that has its target (`adopt`).

    Args:
        settings: Of the provider instance.
        inputs: The checked inputs.

    Raises:
        SinchError: Nothing is in the state then. The hint says what happened at Sinch.
    """
    decided = {**inputs, **decide_secret({}, inputs)}
    with open_operation("create", settings, decided, project_id=decided["project_id"]) as operation:
        if decided.get("adopt"):
            webhook, secret = operation.create_or_adopt(decided)
        else:
            webhook, secret = operation.create(decided)
    return Created(webhook.id, outputs(decided, secret))


def update(
    settings: Settings, webhook_id: str, olds: Mapping[str, Any], news: Mapping[str, Any]
) -> dict[str, Any]:
    """Send the changes: a PATCH, or a PUT if Sinch is not known to have the secret of the state.

    Args:
        settings: Of the provider instance.
        webhook_id: The id that Sinch gave it.
        olds: The outputs in the state.
        news: The checked inputs.

    Returns:
        The new outputs.

    Raises:
        SinchError: The state stays as it is. The hint says what happened at Sinch.
    """
    decided = {**news, **decide_secret(olds, news)}
    plan = plan_update(olds, decided)
    if plan.fields:
        with open_operation("update", settings, news, project_id=news["project_id"]) as operation:
            operation.update(webhook_id, plan)
    return outputs(decided, decided.get("secret", ""))


def delete(settings: Settings, webhook_id: str, props: Mapping[str, Any]) -> None:
    """Delete a webhook. Succeeds if it is gone already, and keeps a webhook that another resource owns now.

    Args:
        settings: Of the provider instance.
        webhook_id: The id that Sinch gave it.
        props: The outputs in the state.

    Raises:
        SinchError: The resource stays in the state.
    """
    with open_operation("delete", settings, props, project_id=props["project_id"]) as operation:
        operation.delete(webhook_id, props["target"])
