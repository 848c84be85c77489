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
    """Create a webhook. With `adopt`, adopt the webhook that has the target, if there is one.

    Args:
        settings: The settings of the provider instance.
        inputs: The inputs that `check` returned.

    Raises:
        SinchError: The create failed, so the engine does not add the resource to the state. The hint says
            whether anything changed at Sinch.
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
    """Send the changes of a webhook to Sinch, as a PATCH or a PUT (see `plan_update`).

    Args:
        settings: The settings of the provider instance.
        webhook_id: The id of the webhook at Sinch.
        olds: The outputs in the state.
        news: The inputs that `check` returned.

    Returns:
        The new outputs of the webhook.

    Raises:
        SinchError: The update failed, and the state is unchanged. The hint says whether anything changed at
            Sinch.
    """
    decided = {**news, **decide_secret(olds, news)}
    plan = plan_update(olds, decided)
    if plan.fields:
        with open_operation("update", settings, news, project_id=news["project_id"]) as operation:
            operation.update(webhook_id, plan)
    return outputs(decided, decided.get("secret", ""))


def delete(settings: Settings, webhook_id: str, props: Mapping[str, Any]) -> None:
    """Delete a webhook. Also succeeds if the webhook does not exist.

    If another resource owns the webhook now, the webhook is not deleted.

    Args:
        settings: The settings of the provider instance.
        webhook_id: The id of the webhook at Sinch.
        props: The outputs in the state.

    Raises:
        SinchError: The delete failed, and the resource stays in the state.
    """
    with open_operation("delete", settings, props, project_id=props["project_id"]) as operation:
        operation.delete(webhook_id, props["target"])
