"""Check: validate the inputs of a webhook, and add defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pulumi_sinch.core import lifecycle, run_state, target_conflicts
from pulumi_sinch.core.diagnostics import warn_once
from pulumi_sinch.core.inputs import validate
from pulumi_sinch.core.run_state import Existing, Run
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.core.signing_secret import decide_secret
from pulumi_sinch.core.trigger_order import ordered_triggers
from pulumi_sinch.redaction import sanitize
from pulumi_sinch.urls import is_loopback


@dataclass(frozen=True)
class Checked:
    """The result of checking the inputs of a webhook.

    Attributes:
        inputs: The inputs that the engine stores in the state. Empty if there are problems.
        problems: One sentence for each problem. No sentence contains the value of `target` or `secret`.
    """

    inputs: Mapping[str, Any] = field(repr=False)
    problems: tuple[str, ...] = ()


def check(
    settings: Settings,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    urn: str = "",
    *,
    decides_secrets: bool = True,
) -> Checked:
    """Validate the inputs of one webhook, and add defaults.

    Sends requests to Sinch only if preflight is on. Records in the module `run_state` which webhook the
    resource owns or plans to adopt.

    Args:
        settings: The settings of the provider instance.
        olds: The inputs in the state. Empty if the webhook will be created.
        news: The inputs of the program. Values may be unknown.
        urn: The URN of the resource, which is needed to find another resource with the same target. Empty
            with the dynamic provider, which does not get URNs from the engine.
        decides_secrets: If True, this function adds the secret and the previous secret to the inputs. If
            False, this function only keeps a secret that the program sets, and create and update decide both
            secrets later.
    """
    run = run_state.current()
    # For a replacement, the last call of `check` has no old inputs, as for a new resource.
    replaced = None if olds else run.find_replaced(news)
    is_new = not (olds or replaced)
    given = _with_default_project(settings, replaced.stored if replaced else olds, news)
    inputs, problems = validate(given, olds)
    problems += settings.problems + settings.misspelt
    for sentence in settings.maybe_misspelt:
        warn_once(sentence)
    if given["project_id"] is None:
        problems.append(settings.missing_project_text())
    problems += target_conflicts.problems(run, olds, news, inputs, is_new=is_new)
    problems += target_conflicts.same_target_problems(run, urn, inputs)
    if not (problems or olds):
        problems += _preflight(settings, inputs, replaced, urn)
    if problems:
        return Checked({}, tuple(problems))
    if is_new and not (news.get("project_id") or settings.project_id):
        run.see_project_of_environment(settings.environment_project_id)
    _warn_about_split_projects(run)
    if inputs["target"] != olds.get("target"):
        _warn_about_plain_http(inputs["target"])
    completed = _completed(olds, inputs)
    return Checked(completed | decide_secret(olds, completed) if decides_secrets else completed)


def _with_default_project(
    settings: Settings, stored: Mapping[str, Any], news: Mapping[str, Any]
) -> dict[str, Any]:
    # `previous_secret` is not an input. With `ignore_changes`, the engine may send the value in the state.
    given = {key: value for key, value in news.items() if key != "previous_secret"}
    if given.get("project_id") is None:
        given["project_id"] = settings.default_project(stored) or None
    return given


def _preflight(
    settings: Settings, inputs: Mapping[str, Any], replaced: Existing | None, urn: str
) -> list[str]:
    if settings.preflight == "off":
        return []
    # Only preflight imports the library requests. The import is slow.
    return lifecycle.look_ahead(settings, inputs, replaced, urn)


def _warn_about_split_projects(run: Run) -> None:
    for chosen, other in run.split_projects():
        warn_once(
            f"a new webhook would be created in project {chosen}, but other webhooks of this stack are in "
            f"project {other}. Project {chosen} comes only from {ENVIRONMENT['projectId']}: neither the "
            f"program nor the stack's config sets it. If the new webhook belongs in project {other}, like "
            f"the other webhooks, run `pulumi config set sinch:projectId {other}`. If it belongs in project "
            f"{chosen}, set its project_id to {chosen}."
        )


def _warn_about_plain_http(target: object) -> None:
    if isinstance(target, str) and target.lower().startswith("http://"):
        host = urlsplit(target).hostname or ""
        if not is_loopback(host):
            warn_once(
                f"target: callbacks to {sanitize(host)} are not encrypted, because the target begins with "
                "http://. Use https://, unless the network to the receiver is private."
            )


def _completed(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    completed = dict(inputs)
    if isinstance(inputs["triggers"], list):
        completed["triggers"] = ordered_triggers(inputs["triggers"], olds.get("triggers") or ())
    return completed
