"""Preflight: in a preview, report conflicts with the webhooks that the project already has at Sinch.

The setting ``sinch:preflight`` turns preflight on. With ``warn``, a conflict is a warning. With ``error``, it
is an error. For each webhook that will be created, preflight looks at the cached list of the project's
webhooks. Preflight reports a conflict if another webhook already has the target, or if the project would have
too many webhooks.

In two cases, preflight reports a target as taken, although the target is free when the webhook is created.
The message of preflight names both cases:

- The resource is replaced because of ``--replace``, ``state taint`` or ``replace_with``, and its old webhook
  is deleted first. For such a replacement, the engine calls `check` only without old inputs, as for a new
  resource. So the provider cannot recognize the replacement. For a replacement with any other cause, the
  engine calls `check` with the old inputs first. The provider recognizes the replacement, and skips preflight
  if the project and the target stay the same.
- Another resource of the stack has the target now, and gets a different target in the same run.

With the dynamic provider, `check` does not get the URN of the resource. So a warning of preflight cannot name
the resource.
"""

from collections.abc import Mapping
from typing import Any

from pulumi import contains_unknowns

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import normalised, same_target, with_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, MAX_AGE_FOR_READ
from pulumi_sinch.core import accounts, diagnostics, route, run_state
from pulumi_sinch.core.run_state import Existing, PlannedTargets
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.redaction import redact_target, sanitize

_LOOKS_TAKEN = (
    "This check is wrong if the target becomes free before this webhook is created. There are two cases. "
    "Case 1: another resource has the target now and gets another target in this run, and this resource "
    "depends on it (depends_on). Case 2: this resource has the target now, and its old webhook is deleted "
    "before the new one is created. This happens with `--replace` or `state taint`, if the resource has "
    "delete_before_replace. It also happens if a resource in replace_with of this resource is deleted first."
)
_WAY_ON = {
    "error": "In both cases, run the command once with sinch:preflight (or SINCH_PREFLIGHT) set to warn.",
    "warn": "In both cases, ignore this warning.",
}


def look_ahead(
    settings: Settings, inputs: Mapping[str, Any], replaced: Existing | None = None, urn: str = ""
) -> list[str]:
    """Return the reasons why Sinch would reject a webhook that will be created.

    Args:
        settings: The settings of the provider instance.
        inputs: The validated inputs of the program.
        replaced: The existing resource that the new resource replaces, or None.
        urn: The URN of the resource, for warnings. Empty with the dynamic provider.

    Returns:
        The problems, if ``sinch:preflight`` is ``error``. With ``warn``, each problem is logged as a warning,
        and the returned list is empty. If the webhooks of the project cannot be listed, both ``error`` and
        ``warn`` log a warning, and the returned list is empty.
    """
    project_id = inputs["project_id"]
    if settings.preflight == "off" or contains_unknowns(project_id):
        return []
    if replaced is not None and _is_in_place(replaced.stored, inputs):
        return []
    try:
        problem = _problem(settings, inputs)
    except SinchError as error:
        diagnostics.warn_once(f"sinch:preflight: the project at Sinch could not be checked. {error}")
        return []
    if problem and settings.preflight == "error":
        return [problem]
    if problem:
        diagnostics.warn_once(f"sinch:preflight: {problem}", urn)
    return []


def _problem(settings: Settings, inputs: Mapping[str, Any]) -> str:
    """Return the problem of a webhook that will be created, or an empty string.

    Looks at the cached list of webhooks first, which may be old. If this list shows a problem, the function
    looks again, at a list that is at most a few seconds old.
    """
    project_id, target = inputs["project_id"], _known(inputs["target"])
    account = accounts.get_account(settings)
    run = run_state.current()
    planned = run.plan_target(project_id, target)
    deadline = account.deadline()
    problem = ""
    for max_age in (MAX_AGE_FOR_READ, MAX_AGE_FOR_CREATE):
        with run.reachable_once(project_id):
            webhooks = account.cache(project_id).webhooks(deadline, max_age=max_age)
        problem = refusal(
            project_id, webhooks, planned, target, adopt=bool(inputs.get("adopt")), mode=settings.preflight
        )
        if not problem:
            return ""
    return problem


def _known(target: object) -> str | None:
    return None if contains_unknowns(target) else str(target)


def _is_in_place(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Return whether a replacement keeps both the project and the target of the old webhook."""
    new = _known(inputs["target"])
    return (
        olds.get("project_id") == inputs["project_id"]
        and new is not None
        and same_target(str(olds.get("target")), new)
    )


def refusal(  # noqa: PLR0913 - the facts of one decision
    project_id: str,
    webhooks: Mapping[str, Webhook],
    planned: PlannedTargets,
    target: str | None,
    *,
    adopt: bool,
    mode: str = "error",
) -> str:
    """Return the reason why Sinch would reject a new webhook, or an empty string.

    Args:
        project_id: The project of the webhook.
        webhooks: The webhooks that the project has at Sinch, by id.
        planned: All webhooks that this run will create in the project, including the new webhook.
        target: The target of the new webhook. None if the target is unknown.
        adopt: Whether the resource adopts the webhook that already has its target.
        mode: The value of ``sinch:preflight``: ``error`` or ``warn``.

    Returns:
        One line with the problem, and below it a list of next steps. The line starts with the name of the
        property.
    """
    owner = None if target is None else with_target(webhooks.values(), target)
    if owner is not None:
        return "" if adopt else taken_target_problem(project_id, owner, mode=mode)
    live = {normalised(webhook.target) for webhook in webhooks.values()}
    new = len(planned.known - live) + planned.unknown
    return quota_problem(project_id, webhooks, new) if len(webhooks) + new > MAX_WEBHOOKS else ""


def taken_target_problem(project_id: str, owner: Webhook, *, mode: str = "error") -> str:
    """Return the message for a target that another webhook already has, with the next steps."""
    return (
        f"target is taken: webhook {sanitize(owner.id)} of project {project_id} has this target "
        f"({redact_target(owner.target)}), and Sinch rejects a second webhook with the same target.\n"
        "- Choose another target, or delete that webhook.\n"
        f"- To manage that webhook, set {route.current().adopt}.\n"
        f"- If the resource was renamed, give it {route.current().aliases} with the old name.\n"
        f"- {_LOOKS_TAKEN} {_WAY_ON[mode]}"
    )


def quota_problem(project_id: str, webhooks: Mapping[str, Webhook], new: int) -> str:
    """Return the message for a project that would have too many webhooks.

    The message contains the next steps, and lists the webhooks that the project has now.
    """
    lines = "".join(
        f"\n- {sanitize(webhook.id)} {redact_target(webhook.target)}" for webhook in webhooks.values()
    )
    return (
        f"project_id: project {project_id} would have {len(webhooks) + new} webhooks, but Sinch allows "
        f"{MAX_WEBHOOKS}. The project has {len(webhooks)} now, and this run creates {new} so far.\n"
        "- Use another project, or delete webhooks before this run. Webhooks that this run deletes still "
        "count, because Pulumi deletes them last. Webhooks of other Sinch products count too.\n"
        f"The webhooks of the project:{lines}"
    )
