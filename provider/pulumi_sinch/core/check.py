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
    """The result of a check.

    Attributes:
        inputs: The inputs to store. Empty if there are problems.
        problems: All problems, as sentences without the values of `target` and `secret`.
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
    """Validate the inputs of a program, and add defaults.

    Sends nothing to Sinch, unless preflight is on. Records in `run_state` which webhook the resource owns or
    plans to adopt. Pulumi's state does not change.

    Args:
        settings: The settings of the provider instance.
        olds: The inputs in the state. Empty if the webhook will be created.
        news: The inputs of the program. Values may be unknown.
        urn: The URN of the resource. Without it, two resources with the same target are not detected here.
        decides_secrets: Whether to add the secret and the previous secret to the inputs. Otherwise the inputs
            contain a secret only if the program sets it, and create and update generate the secrets.
    """
    run = run_state.current()
    # The engine checks a replacement like a new resource, without old inputs.
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
    # With `ignore_changes`, the engine may send the `previous_secret` of the state. It is not an input.
    given = {key: value for key, value in news.items() if key != "previous_secret"}
    if given.get("project_id") is None:
        given["project_id"] = settings.default_project(stored) or None
    return given


def _preflight(
    settings: Settings, inputs: Mapping[str, Any], replaced: Existing | None, urn: str
) -> list[str]:
    if settings.preflight == "off":
        return []
    # The only part of a check that loads requests.
    return lifecycle.look_ahead(settings, inputs, replaced, urn)


def _warn_about_split_projects(run: Run) -> None:
    for chosen, other in run.split_projects():
        warn_once(
            f"the project of a new webhook is {chosen}, which only {ENVIRONMENT['projectId']} sets, but "
            f"other webhooks of this stack are in project {other}. If the new webhook belongs in project "
            f"{other} too, run `pulumi config set sinch:projectId {other}`."
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
