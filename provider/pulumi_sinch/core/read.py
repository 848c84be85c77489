"""Read: get one webhook or all webhooks of a project from Sinch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_sinch.api.errors import SettingsError, SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import same_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE
from pulumi_sinch.core import route, run_state, target_conflicts
from pulumi_sinch.core.diff import outputs
from pulumi_sinch.core.operation import open_operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.core.signing_secret import SECRETS
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, ordered_triggers
from pulumi_sinch.redaction import redact_target


@dataclass(frozen=True)
class ReadState:
    """A webhook as Sinch returned it, in the format of Pulumi's state.

    Attributes:
        id: The id of the webhook at Sinch.
        inputs: The inputs, with the current values at Sinch. The next `up` compares the program with these
            inputs, and so repairs drift.
        outputs: The outputs, with the current values at Sinch. The secrets come from the state, because Sinch
            never returns a secret.
    """

    id: str
    inputs: Mapping[str, Any] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)


def read(
    settings: Settings,
    webhook_id: str,
    props: Mapping[str, Any],
    inputs: Mapping[str, Any] | None = None,
    *,
    is_import: bool = False,
) -> ReadState | None:
    """Read a webhook.

    Args:
        settings: The settings of the provider instance.
        webhook_id: The id of the webhook at Sinch. For a lookup or an import, ``PROJECT/ID`` is allowed too.
        props: The outputs in the state. If they contain no target, this read is a lookup or an import.
        inputs: The inputs in the state, or None if the engine does not send them. If the inputs in the state
            contain no secret, the returned inputs contain no secret either.
        is_import: Whether this read is an import. An import fails if another resource of this run already
            owns the webhook.

    Returns:
        The webhook. None if the stack manages the webhook, and Sinch responds that the webhook does not
        exist.

    Raises:
        WebhookNotFoundError: A lookup or an import found no webhook.
        SinchError: The request failed, the project is missing, or another resource of this run owns the
            webhook.
    """
    # In the state, a managed webhook always has a target. It is an empty string if Sinch returned no target.
    managed = props.get("target") is not None
    project_id, webhook_id = _address(settings, webhook_id, props, may_have_project=not managed)
    if is_import and not managed and run_state.current().has_owner(webhook_id):
        # Reject the import before the read. After a successful read, the engine saves the imported resource,
        # even if a later step of this resource fails.
        raise target_conflicts.import_refused(webhook_id)
    with open_operation("read", settings, props, project_id=project_id) as operation:
        webhook = operation.find(webhook_id) if managed else operation.get(webhook_id)
    if webhook is None:
        return None
    # Another spelling of the same URL is not drift.
    is_same = managed and same_target(webhook.target, props["target"])
    live = {
        **{key: props[key] for key in (*SECRETS, "secret_version") if props.get(key)},
        "target": props["target"] if is_same else webhook.target,
        "triggers": ordered_triggers(webhook.triggers, props.get("triggers") or ()),
        "project_id": project_id,
    }
    outs = outputs(live, live.get("secret", ""))
    if not managed:
        return ReadState(webhook_id, _importable(live), outs)
    read_inputs = {"previous_secret": "", **live}
    if inputs is not None:
        read_inputs = {
            key: value for key, value in read_inputs.items() if key not in SECRETS or key in inputs
        }
    return ReadState(webhook_id, read_inputs, outs)


def _address(
    settings: Settings, webhook_id: str, props: Mapping[str, Any], *, may_have_project: bool = True
) -> tuple[str, str]:
    """Return the project and the id of a webhook.

    Args:
        settings: The settings of the provider instance.
        webhook_id: The id of the webhook at Sinch, or ``PROJECT/ID``.
        props: The properties of the webhook, which may contain ``project_id``.
        may_have_project: Whether the id may be ``PROJECT/ID``.

    Raises:
        SettingsError: The project is not in the id, the properties or the settings.
    """
    if may_have_project and "/" in webhook_id:
        project_id, _, webhook_id = webhook_id.partition("/")
    else:
        project_id = props.get("project_id") or settings.default_project({})
    if not project_id:
        raise SettingsError(settings.missing_project_text())
    return project_id, webhook_id


def _importable(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs that `check` accepts, because `pulumi import` writes them into the user's program."""
    newer = not KNOWN_TRIGGERS.issuperset(live["triggers"])
    flags = {"allow_unknown_triggers": True} if newer else {}
    return {key: value for key, value in live.items() if key not in SECRETS} | flags


def find_webhook(settings: Settings, props: Mapping[str, Any]) -> dict[str, Any]:
    """Find a webhook by its id or by its target.

    Args:
        settings: The settings of the provider instance.
        props: The arguments of the call: either ``id`` or ``target``, and optionally ``project_id``. The id
            may be ``PROJECT/ID``.

    Returns:
        The ``id``, ``target``, ``triggers`` and ``project_id`` of the webhook.

    Raises:
        SinchError: No webhook was found, the request failed, or the project is missing.
    """
    webhook_id, target = props.get("id"), props.get("target")
    if bool(webhook_id) == bool(target):
        raise SinchError("finding the webhook failed: give id or target, but not both")
    if webhook_id:
        project_id, webhook_id = _address(settings, str(webhook_id), props)
        with open_operation("read", settings, props, project_id=project_id) as operation:
            return describe([operation.get(webhook_id)], project_id)[0]
    listed = list_webhooks(settings, props)
    project_id = listed["project_id"]
    for webhook in listed["webhooks"]:
        if same_target(webhook["target"], str(target)):
            return dict(webhook)
    raise SinchError(
        f"finding the webhook failed: project {project_id} has no webhook with the target "
        f"{redact_target(str(target))}",
        hint="Check the target and the project. `pulumi-sinch list` lists the webhooks of a project.",
    )


def list_webhooks(settings: Settings, props: Mapping[str, Any]) -> dict[str, Any]:
    """List all webhooks of a project, even if Sinch returns them in several pages.

    Args:
        settings: The settings of the provider instance.
        props: The arguments of the call, which may contain ``project_id``.

    Returns:
        The outputs ``project_id`` and ``webhooks``.

    Raises:
        SinchError: The request failed, or the project is missing.
    """
    project_id = props.get("project_id") or settings.default_project({})
    if not project_id:
        raise settings.missing_project(route.current().list_function)
    with open_operation("read", settings, props, project_id=project_id) as operation:
        webhooks = operation.cache.webhooks(operation.deadline, max_age=MAX_AGE_FOR_CREATE)
    return {"project_id": project_id, "webhooks": describe(webhooks.values(), project_id)}


def describe(webhooks: Iterable[Webhook], project_id: str) -> list[dict[str, Any]]:
    """Return webhooks as plain data. They are ordered by target, because Sinch documents no order.

    Returns:
        The ``id``, ``target``, ``triggers`` and ``project_id`` of each webhook. The triggers are sorted by
        name. Triggers that this release does not know come last.
    """
    return [
        {
            "id": webhook.id,
            "target": webhook.target,
            "triggers": ordered_triggers(webhook.triggers, ()),
            "project_id": project_id,
        }
        for webhook in sorted(webhooks, key=lambda webhook: (webhook.target, webhook.id))
    ]
