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
    """A webhook at Sinch, in the format of the state.

    Attributes:
        id: Its id at Sinch.
        inputs: Its live inputs. The next `up` compares the program with them and so repairs drift.
        outputs: Its live outputs, with the secrets from the state, because Sinch never returns a secret.
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
        webhook_id: Its id at Sinch. For a lookup or an import, it may be ``PROJECT/ID``.
        props: The outputs in the state. A lookup or an import has no target.
        inputs: The inputs in the state, if the engine sends them. Then the result has the secret as an input
            only if these inputs contain it.
        is_import: Whether the webhook will be managed from now on. Then no other resource may own it.

    Returns:
        The webhook, or None if Sinch says that a managed webhook does not exist.

    Raises:
        WebhookNotFoundError: A lookup or an import found no webhook.
        SinchError: The request failed, the project is missing, or another resource of this run owns the
            webhook.
    """
    # A managed webhook always has a target. It is an empty string if the live target became null.
    managed = props.get("target") is not None
    project_id, webhook_id = _address(settings, webhook_id, props, may_have_project=not managed)
    if is_import and not managed and run_state.current().has_owner(webhook_id):
        # The engine saves an import as soon as the webhook is read, even if the resource fails afterwards.
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
        webhook_id: Its id at Sinch, or ``PROJECT/ID``.
        props: Its properties, which may contain ``project_id``.
        may_have_project: Whether the id may be ``PROJECT/ID``.

    Raises:
        SettingsError: The project is missing.
    """
    if may_have_project and "/" in webhook_id:
        project_id, _, webhook_id = webhook_id.partition("/")
    else:
        project_id = props.get("project_id") or settings.default_project({})
    if not project_id:
        raise SettingsError(settings.missing_project_text())
    return project_id, webhook_id


def _importable(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs that `check` accepts. `pulumi import` writes them into the program."""
    newer = not KNOWN_TRIGGERS.issuperset(live["triggers"])
    flags = {"allow_unknown_triggers": True} if newer else {}
    return {key: value for key, value in live.items() if key not in SECRETS} | flags


def find_webhook(settings: Settings, props: Mapping[str, Any]) -> dict[str, Any]:
    """Find a webhook by its id or by its target.

    Args:
        settings: The settings of the provider instance.
        props: Either ``id``, which may be ``PROJECT/ID``, or ``target``, and optionally ``project_id``.

    Returns:
        Its ``id``, ``target``, ``triggers`` and ``project_id``.

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
    """List the webhooks of a project, from all pages.

    Args:
        settings: The settings of the provider instance.
        props: Optionally ``project_id``.

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
    """Return webhooks as plain data, ordered by target, because Sinch documents no order.

    Returns:
        The ``id``, ``target``, ``triggers`` (sorted, those unknown to this release last) and ``project_id``
        of each.
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
