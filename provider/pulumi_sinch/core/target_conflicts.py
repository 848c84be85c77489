"""Detect two resources of one stack that want the same webhook, and report them."""

from collections.abc import Mapping
from typing import Any

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import route, run_state
from pulumi_sinch.redaction import redact_target, sanitize


def problems(
    run: run_state.Run,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    is_new: bool,
) -> list[str]:
    """Record a resource in `run_state`, and return the reasons why it cannot own its webhook.

    Args:
        run: The current run.
        olds: The inputs in the state. Empty if the webhook does not exist yet.
        news: The inputs of the program.
        inputs: The validated inputs with defaults.
        is_new: Whether the resource will be created and is not the replacement of an existing resource.
    """
    if olds:
        if run.see_existing(news, olds):
            return []
        return [f"target: {is_adopted(str(olds['project_id']), str(olds['target']))}. {adoption_refused()}"]
    project_id, target = inputs.get("project_id"), inputs.get("target")
    adopts = (
        is_new and inputs.get("adopt") is True and isinstance(project_id, str) and isinstance(target, str)
    )
    if not adopts or run.plan_adoption(str(project_id), str(target)):
        return []
    return [f"adopt: {has_owner(str(project_id), str(target))}. {adoption_refused()}"]


def same_target_problems(run: run_state.Run, urn: str, inputs: Mapping[str, Any]) -> list[str]:
    """Record the target of a resource, and return a problem if another resource has the same target.

    Args:
        run: The current run.
        urn: The URN of the resource. Empty with the dynamic provider, which does not get URNs.
        inputs: The validated inputs with defaults.
    """
    project_id, target = inputs.get("project_id"), inputs.get("target")
    if not (urn and isinstance(project_id, str) and isinstance(target, str)):
        return []
    other = run.declare(urn, project_id, target)
    if not other:
        return []
    name, other_name = (each.rpartition("::")[2] for each in (urn, other))
    if name == other_name:
        name, other_name = urn, other  # resources in different components can have the same name
    problem = (
        f"target is the same as that of {other_name!r} ({redact_target(target)}), and Sinch allows a target "
        "only once in a project. Give one of the two resources another target, or remove one. If you renamed "
        f"{other_name!r} to {name!r}, keep only {name!r} in the program, and give it "
        f"{route.current().aliases} with the old name."
    )
    return [problem]


def adoption_refused() -> str:
    """Return the next step for the user if a resource wants to adopt a webhook that another resource owns."""
    adopt = route.current().adopt
    return (
        f"A webhook has one owner: remove {adopt}, or remove one of the two resources. If this run gives the "
        f"owner of the webhook another target, run `pulumi up` once without {adopt} first."
    )


def has_owner(project_id: str, target: str) -> str:
    """Return a text for an error message which says that another resource owns the webhook to adopt."""
    return (
        f"another resource of this stack owns the webhook with the target {redact_target(target)} of project "
        f"{project_id}"
    )


def is_adopted(project_id: str, target: str) -> str:
    """Return a text for an error message which says that another resource adopts this resource's webhook."""
    return (
        f"another resource of this program, which sets {route.current().adopt}, adopts the webhook that this "
        f"resource owns (target {redact_target(target)} of project {project_id})"
    )


def import_refused(webhook_id: str) -> SinchError:
    """Return the error for the import of a webhook that already belongs to another resource."""
    shown_id = sanitize(webhook_id)
    return SinchError(
        f"importing the webhook failed: webhook {shown_id} belongs to another resource of this stack",
        hint="Nothing was changed at Sinch or in the state. A webhook has one owner. If the id is wrong, "
        "correct it. To leave the webhook with the other resource, remove this resource from the program. "
        "To give the webhook to this resource, run `pulumi state delete URN` for the other resource, which "
        "sends nothing to Sinch. Then remove the other resource from the program, and run this command "
        "again.",
    )


def wanted_by_another(webhook_id: str) -> SinchError:
    """Return the error for the deletion of a webhook whose target another resource still needs.

    The other resource declares the same target, and its create has failed in this run.
    """
    words = route.current()
    return SinchError(
        "deleting the webhook failed: another resource of this program has the same target as webhook "
        f"{sanitize(webhook_id)}, and creating that resource failed",
        hint="Nothing was changed at Sinch. The webhook was kept, so that callbacks are still sent to the "
        "target. First fix the error of the resource that could not be created. Is it this resource with a "
        f"new name? Then give the resource with the new name {words.aliases} with the old name, or "
        f"{words.adopt} for one run. Is it a different resource? Then remove that resource from the program, "
        "and run `pulumi up`, which deletes this webhook. After that, add that resource again.",
    )


def shared(action: str, webhook_id: str) -> SinchError:
    """Return the error for a resource whose webhook also belongs to another resource."""
    shown_id = sanitize(webhook_id)
    return SinchError(
        f"{action} failed: webhook {shown_id} also belongs to another resource of this stack",
        hint="Nothing was changed for this resource. The other resource adopted or imported the webhook, and "
        "possibly changed it. A webhook can have only one owner:\n"
        f"- Run `pulumi stack --show-urns --show-ids` to find both resources. They have the id {shown_id}.\n"
        "- Choose the resource that must not own the webhook any more. Run `pulumi state delete URN` for it, "
        "which sends nothing to Sinch. Then remove that resource from the program, or give it another target "
        f"and remove {route.current().adopt}.\n"
        "- If the resource of this error keeps the webhook, change its secret_version, because the other "
        "resource possibly changed the secret at Sinch.\n"
        "- Run `pulumi up --refresh`.",
    )
