"""Send the requests of one operation on a webhook, such as a create or a delete.

Before an operation changes a webhook, this module ensures that no other resource owns that webhook. The
package `api` contains the rules of Sinch's API.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from pulumi_sinch.api.create import WebhookDraft, create_or_adopt_webhook, create_webhook
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import SinchError, UnauthorizedError, WebhookNotFoundError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, MAX_AGE_FOR_READ, WebhookCache
from pulumi_sinch.core import accounts, diagnostics, error_advice, route, run_state, target_conflicts
from pulumi_sinch.core.diff import UpdatePlan
from pulumi_sinch.core.error_advice import OperationKind
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.core.signing_secret import generate_secret
from pulumi_sinch.redaction import sanitize


@dataclass(frozen=True)
class Operation:
    """One operation on one webhook: create, read, update or delete.

    Attributes:
        account: The account, which all operations with the same settings share.
        cache: The webhook cache of the project.
        deadline: The time at which the operation must end.
    """

    account: accounts.Account
    cache: WebhookCache
    deadline: Deadline

    def create(self, inputs: Mapping[str, Any]) -> tuple[Webhook, str]:
        """Create a webhook exactly once, even if the response is lost (see `api.create`).

        Args:
            inputs: The checked inputs of the resource, with the secret.

        Returns:
            The webhook and its secret.
        """
        draft = _draft(inputs)
        run = run_state.current()
        try:
            webhook = create_webhook(self.cache, run, draft, self.deadline)
        except SinchError:
            run.record_failed_create(self.cache.project_id, draft.target)
            raise
        return webhook, draft.secret

    def create_or_adopt(self, inputs: Mapping[str, Any]) -> tuple[Webhook, str]:
        """Adopt the webhook that has the target. If no webhook has the target, create a webhook.

        Args:
            inputs: The checked inputs of the resource.

        Returns:
            The webhook and its secret. If the webhook was adopted and keeps its secret, the returned secret
            is empty, because Sinch never returns a secret.
        """
        run, cache, draft = run_state.current(), self.cache, _draft(inputs)
        if not run.begin_adoption(cache.project_id, draft.target):
            raise SinchError(
                f"adopting the webhook failed: {target_conflicts.has_owner(cache.project_id, draft.target)}",
                hint=f"{error_advice.UNCHANGED} {target_conflicts.adoption_refused()}",
            )
        new_secret = draft.secret or generate_secret()
        webhook, adopted = create_or_adopt_webhook(cache, run, draft, new_secret, self.deadline)
        run.end_adoption(cache.project_id, draft.target, webhook.id if adopted else None)
        if not adopted:
            return webhook, new_secret
        diagnostics.log_info(
            f"adopted webhook {sanitize(webhook.id)} of project {cache.project_id}; "
            + ("its secret was replaced" if draft.secret else "its secret is unchanged")
        )
        if not run.is_visible_to_all:
            diagnostics.warn_once(
                "no private temporary folder is available, so the providers of this program cannot tell each "
                "other which webhooks their resources adopted. This matters only if you changed both the "
                "name and the provider of this resource: later in this run, Pulumi can then delete the "
                "webhook when it deletes the resource with the old name. If this happens, run `pulumi up "
                "--refresh`, which creates the webhook again, with a new secret unless the program sets "
                "secret. Next time, run `pulumi state delete URN` for the resource with the old name before "
                "you change both."
            )
        return webhook, draft.secret

    def find(self, webhook_id: str) -> Webhook | None:
        """Return a webhook, or `None` if Sinch responds with ``webhook_not_found`` (CONTRACT.md)."""
        try:
            return self.get(webhook_id)
        except WebhookNotFoundError:
            self.cache.forget(webhook_id)
            return None

    def get(self, webhook_id: str) -> Webhook:
        """Return a webhook from the cached list of its project, or request it by its id.

        A webhook is requested by its id only if it is not in the cached list. So one list request can be
        enough for all reads of a refresh.

        Raises:
            WebhookNotFoundError: The project has no webhook with this id.
        """
        listed = self.cache.webhooks(self.deadline, max_age=MAX_AGE_FOR_READ).get(webhook_id)
        if listed is not None:
            return listed
        try:
            return self.cache.client.get(self.cache.project_id, webhook_id, self.deadline)
        except WebhookNotFoundError as error:
            error.hint = (
                f"Project {self.cache.project_id} has no webhook with the id {sanitize(webhook_id)}. Check "
                "the id and the project. `pulumi-sinch list` lists the webhooks of a project."
            )
            raise

    def update(self, webhook_id: str, plan: UpdatePlan) -> None:
        """Send the request of an update.

        Raises:
            SinchError: The request failed, or another resource of this run has adopted the webhook or tried
                to adopt it. In the second case, no request was sent.
        """
        client, project_id = self.cache.client, self.cache.project_id
        run = run_state.current()
        if run.adoption_of(webhook_id):
            raise target_conflicts.shared("updating the webhook", webhook_id)
        run.keep(webhook_id)
        send = client.replace if plan.complete else client.update
        try:
            webhook = send(project_id, webhook_id, plan.fields, self.deadline)
        except SinchError as error:
            is_gone = isinstance(error, WebhookNotFoundError)
            if error.ambiguous and "secret" in plan.fields and not is_gone:
                error.hint = error_advice.ambiguous_hint(
                    error, self.account.settings, project_id, error_advice.ROTATION_LOST
                )
            raise
        self.cache.record(webhook)
        run.record_write(webhook.id, webhook.target)

    def delete(self, webhook_id: str, target: str) -> None:
        """Delete a webhook, unless another resource needs it (see `run_state`).

        If another resource already owns the webhook, the user gets a warning, not an error, and no request is
        sent.

        Raises:
            SinchError: The request failed, or another resource still needs the webhook or its target, because
                the create, adoption or update of that resource failed or did not run. In the second case, no
                request was sent.
        """
        run = run_state.current()
        adoption = run.adoption_of(webhook_id)
        if adoption is run_state.Fact.DONE or run.stays(webhook_id):
            diagnostics.warn_once(
                f"webhook {sanitize(webhook_id)} was not deleted, because another resource of this program, "
                "or the replacement of this resource, owns the webhook now"
            )
            return
        project_id = self.cache.project_id
        targets = partial(self._targets_of, webhook_id, target)
        is_planned = adoption or run.may_stay(webhook_id)
        if is_planned or any(run.is_being_adopted(project_id, each) for each in targets()):
            raise SinchError(
                "deleting the webhook failed: another resource of this program, or the replacement of this "
                f"resource, was going to adopt or update webhook {sanitize(webhook_id)}. That step failed or "
                "did not run, so the webhook was kept on purpose",
                hint=f"{error_advice.UNCHANGED} If the other resource has an error, fix it. If this "
                f"resource is being replaced, remove either {route.current().adopt} or "
                "delete_before_replace. Then run `pulumi up` again.",
            )
        if any(run.create_failed(project_id, each) for each in targets()):
            raise target_conflicts.wanted_by_another(webhook_id)
        try:
            self.cache.client.delete(project_id, webhook_id, self.deadline)
        except UnauthorizedError as error:
            error.hint = error_advice.locked_webhook(self.account.settings, project_id, webhook_id)
            raise
        self.cache.forget(webhook_id)
        run.record_deletion(project_id, webhook_id, target)

    def _targets_of(self, webhook_id: str, target: str) -> Iterator[str]:
        """Yield the targets of this webhook: the target in the state and, after drift, the target at Sinch.

        The caller searches for another resource that has one of these targets and still needs the webhook.
        Such a resource can exist in this process only if a create or an adoption failed, or if an adoption
        has not finished yet. So the target at Sinch is looked up only in these cases.
        """
        yield target
        if run_state.current().has_open_targets:
            live = self.cache.webhooks(self.deadline, max_age=MAX_AGE_FOR_CREATE).get(webhook_id)
            if live is not None and live.target != target:
                yield live.target


def _draft(inputs: Mapping[str, Any]) -> WebhookDraft:
    return WebhookDraft(inputs["target"], tuple(inputs["triggers"]), inputs.get("secret") or "")


@contextmanager
def open_operation(
    kind: OperationKind, settings: Settings, props: Mapping[str, Any], *, project_id: str
) -> Iterator[Operation]:
    """Open an operation for a ``with`` block. An error that is raised inside the block gets a hint.

    Args:
        kind: The kind of the operation.
        settings: The settings of the provider instance.
        props: The properties of the webhook, including its target, which is needed for hints.
        project_id: The project of the webhook.

    Raises:
        SinchError: The operation failed.
    """
    account = accounts.get_account(settings)
    current = Operation(account, account.cache(project_id), account.deadline())
    account.client.hide_target(str(props.get("target") or ""))
    try:
        yield current
    except SinchError as error:
        target = str(props.get("target") or "")
        error_advice.add_hint(kind, error, settings, current.cache, target, current.deadline)
        raise
