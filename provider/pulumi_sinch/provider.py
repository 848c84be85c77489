"""The dynamic provider of `SinchWebhook`: what the engine calls, each method a few lines.

Its import path is frozen for ever: Pulumi pickles the provider by reference into every resource's state, where
refresh and destroy find it again (ENGINE.md, Shape). For the same reason it has no constructor arguments, and nothing
is set on it outside `configure`. Heavy modules are imported late, so that a program that only declares webhooks does
not load them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import wrap_rpc_secret

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.core import run_state, target_conflicts
from pulumi_sinch.core.diagnostics import plain_errors, warn_once
from pulumi_sinch.core.diff import any_differs, differs, plan_update
from pulumi_sinch.core.lazy_imports import fast_import
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.core.signing_secret import decide_secret, previous_secret

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pulumi_sinch.core import operation

_SECRETS = ("secret", "previous_secret")


class SinchWebhookProvider(ResourceProvider):
    """Checks, compares, creates, reads, updates and deletes webhooks."""

    serialize_as_secret_always = False
    settings = Settings()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the settings; what is wrong with them is told later, when it matters."""
        self.settings = Settings.read(req.config.get)

    @plain_errors
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate, and complete what the program leaves out.

        Args:
            olds: The inputs in the state; empty where the webhook is about to be created.
            news: The inputs of the program; values may be unknown.

        Returns:
            The inputs to store, or every problem at once. All problems have the empty property, because the engine
            prints the value of a named one.
        """
        with fast_import():
            from pulumi_sinch.core.inputs import ordered_triggers, validate

        run = run_state.current()
        replaced = None if olds else run.find_replaced(news)
        # Only `ignore_changes` brings it, from the state; `decide_secret` alone decides it.
        given = {key: value for key, value in news.items() if key != "previous_secret"}
        if given.get("project_id") is None:
            given["project_id"] = self._default_project(replaced.stored if replaced else olds) or None
        inputs, problems = validate(given, olds)
        problems += self.settings.problems
        if "project_id" not in inputs and not any(problem.startswith("project_id") for problem in problems):
            problems.append(self._missing_project())
        problems += target_conflicts.problems(run, olds, news, inputs, is_new=not (olds or replaced))
        if not (problems or olds) and self.settings.preflight != "off":
            from pulumi_sinch.core.preflight import look_ahead

            problems = look_ahead(self.settings, inputs, replaced)
        if problems:
            return CheckResult({}, [CheckFailure("", problem) for problem in problems])
        if not (olds or replaced or news.get("project_id") or self.settings.project_id):
            run.see_project_of_environment(self.settings.environment_project_id)
        for chosen, other in run.split_projects():
            warn_once(
                f"only {ENVIRONMENT['projectId']} chooses project {chosen} for a webhook that will be created, but other webhooks "
                f"of this stack are in project {other}. If it belongs there too, run `pulumi config set sinch:projectId {other}`."
            )
        if isinstance(inputs["triggers"], list):
            inputs["triggers"] = ordered_triggers(inputs["triggers"], olds.get("triggers") or ())
        inputs |= decide_secret(olds, inputs)
        return CheckResult(_wrapped(inputs), [])

    @plain_errors
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Say what forces a replacement, and leave the comparison of properties to the engine.

        Args:
            olds: The outputs in the state.
            news: The checked inputs; values may be unknown.

        Returns:
            `changes` is `None`: the engine compares the inputs and shows each property. It is `False` where only
            inputs differ that steer the creation, which is over.
        """
        moves = differs("project_id", olds, news)
        changes = any_differs(olds, news)
        if not run_state.current().see_id(_id, olds, changes=changes):
            raise target_conflicts.shared("comparing the webhook", _id)
        return DiffResult(
            changes=None if changes else False,
            replaces=["project_id"] if moves else [],
            # Two webhooks of one project cannot have the same target (CONTRACT.md, Fields).
            delete_before_replace=not (moves or differs("target", olds, news)),
        )

    @plain_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the webhook, or take over the one with its target (`adopt`)."""
        with self._operation(props, props["project_id"]) as at_sinch:
            create = at_sinch.create_or_adopt if props.get("adopt") else at_sinch.create
            webhook, secret = create(props)
        return CreateResult(webhook.id, _outputs(props, secret))

    @plain_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the webhook as it is at Sinch, with the secrets carried over, which cannot be read.

        The inputs are returned too, so that the next `up` repairs what has drifted.
        """
        # `get()` has no target yet. A managed webhook whose target has drifted to null has an empty one.
        managed = props.get("target") is not None
        project_id = props.get("project_id") or self._default_project({}) or self._refuse_missing_project()
        with self._operation(props, project_id) as at_sinch:
            webhook = at_sinch.find(id_) if managed else at_sinch.get(id_)
        if webhook is None:
            return ReadResult("", {})
        with fast_import():
            from pulumi_sinch.api.targets import same_target
            from pulumi_sinch.core.inputs import ordered_triggers

        target = (
            props["target"] if managed and same_target(webhook.target, props["target"]) else webhook.target
        )
        live = {
            **{key: props[key] for key in (*_SECRETS, "secret_version") if props.get(key)},
            "target": target,
            "triggers": ordered_triggers(webhook.triggers, props.get("triggers") or ()),
            "project_id": project_id,
        }
        return ReadResult(
            id_, _outputs(live, live.get("secret", "")), _wrapped({"previous_secret": "", **live})
        )

    @plain_errors
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Send what changes: a PATCH, or a PUT where Sinch is not known to have the secret of the state."""
        plan = plan_update(olds, news)
        if plan.fields:
            with self._operation(news, news["project_id"]) as at_sinch:
                at_sinch.update(_id, plan)
        secret = news.get("secret") or olds.get("secret") or ""
        return UpdateResult(_outputs({**news, "previous_secret": previous_secret(olds, news)}, secret))

    @plain_errors
    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the webhook; one that is gone already is fine, one that was adopted in this run is left alone."""
        with self._operation(props, props["project_id"]) as at_sinch:
            at_sinch.delete(_id, props["target"])

    def _operation(
        self, props: Mapping[str, Any], project_id: str
    ) -> "AbstractContextManager[operation.Operation]":
        """Open an operation at Sinch; the first one of a process loads what speaks HTTP."""
        with fast_import():
            from pulumi_sinch.core import operation
        return operation.operation(self.settings, props, project_id=project_id)

    def _default_project(self, olds: Mapping[str, Any]) -> str:
        """Return the project of a webhook whose program names none.

        The environment serves only a webhook that is about to be created, so that a stray variable never replaces a
        live one.
        """
        return (
            self.settings.project_id
            or olds.get("project_id")
            or ("" if olds else self.settings.environment_project_id)
        )

    def _missing_project(self) -> str:
        hint = self.settings.misplaced_hint("projectId")
        return (
            f"project_id is missing: give it to the webhook, or set sinch:projectId ({ENVIRONMENT['projectId']})"
            + (f". {hint}" if hint else "")
        )

    def _refuse_missing_project(self) -> str:
        raise SettingsError(self._missing_project())


def _wrapped(props: Mapping[str, Any]) -> dict[str, Any]:
    """Mark the secrets, so that the engine encrypts and masks them; unmarked it would print them."""
    return {key: wrap_rpc_secret(value) if key in _SECRETS else value for key, value in props.items()}


def _outputs(inputs: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return what the state holds of a webhook.

    Without flags, and with `secret_version` only where it is set: an output that is `None` counts as unknown in every
    preview (ENGINE.md, What each method gets).
    """
    kept = {
        key: inputs[key] for key in ("target", "triggers", "project_id", "secret_version") if key in inputs
    }
    return _wrapped({**kept, "secret": secret, "previous_secret": inputs.get("previous_secret", "")})
