"""Create a webhook exactly once, even if the response to the POST is lost.

Sinch documents no idempotency keys (CONTRACT.md, Errors), but a target is unique in its project. So if a
first POST took effect, a second POST with the same target fails with a conflict, and creates no duplicate.

A POST is ambiguous if it possibly took effect but no usable response arrived. Only a few error responses
prove that nothing changed (`Response.is_refusal`). After any other error response, and after a 2xx that does
not contain the new webhook, the POST is ambiguous.

In this module, a run is one preview, update, refresh or destroy. One run can use several processes of the
provider.

After an ambiguous POST, this module reads the list of the project's webhooks. There are three cases:

- The list has a new webhook with the target and the triggers that were sent: the POST created this webhook.
  A webhook is new if its id was not in the list that was read shortly before the POST, and no other resource
  of this run owns the webhook. This module then sends a PUT with all fields of the webhook, so that the
  secret at Sinch is certainly the secret of the resource.
- The list has no such new webhook, but another webhook with exactly the target that was sent: a resource with
  ``adopt`` adopts the other webhook. Without ``adopt``, the create fails and does not change the other
  webhook.
- The list has neither of these two webhooks: the POST is sent again in three cases: its response was lost,
  was a 2xx without the new webhook, or has a status that is also retried for other HTTP methods, such as 503
  (`is_transient`). After any other response, such as a gateway's 403, the create fails.

The new webhook of the first case may have an equivalent spelling of the target, because Sinch possibly
normalizes targets. The other webhook of the second case must have the same spelling, because Sinch possibly
treats two equivalent spellings as two different targets.

When a webhook is deleted, Sinch possibly releases its target only a moment later. So after a conflict (409),
the POST is sent again if this process has deleted a webhook with this target.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol

from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import ApiError, SinchError, UnexpectedResponseError, WebhookExistsError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.request_log import describe_outcome
from pulumi_sinch.api.retries import MAX_RETRIES, is_transient, retry_delay
from pulumi_sinch.api.targets import certainly_differ, same_target, with_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, WebhookCache

ADOPTING = "adopting the webhook"
_CREATING = "creating the webhook"


class Claims(Protocol):
    """Records which webhooks this run's resources own, and which webhooks this process wrote or deleted."""

    def claim(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that created it. Returns False if another resource owns it."""

    def claim_adoption(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that adopts it. Returns False if another resource owns it."""

    def record_write(self, webhook_id: str, target: str) -> None:
        """Remember that this process created, updated or adopted a webhook with this target."""

    def was_freed(self, project_id: str, target: str) -> bool:
        """Return whether this process deleted a webhook with this target."""


@dataclass(frozen=True)
class WebhookDraft:
    """A webhook to create or adopt.

    Attributes:
        target: URL that receives the callbacks.
        triggers: Names of the events, at least one.
        secret: The secret that signs the callbacks. If this string is empty, an adopted webhook keeps the
            secret that it has at Sinch.
    """

    target: str
    triggers: tuple[str, ...]
    secret: str = field(default="", repr=False)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body of a POST or PUT."""
        return {"target": self.target, "secret": self.secret, "triggers": [*self.triggers]}


def create_webhook(cache: WebhookCache, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    """Create a webhook exactly once, even if the response to the POST is lost.

    Raises:
        WebhookExistsError: Another webhook has the target. That webhook is unchanged.
        WebhookLimitReachedError: The project already has 15 webhooks.
        SinchError: The request failed. If the error's `ambiguous` is True, Sinch possibly created the
            webhook.
    """
    with cache.target_reserved(draft.target, deadline):
        webhook = _create(cache, claims, draft, deadline)
        claims.record_write(webhook.id, webhook.target)
        return webhook


def create_or_adopt_webhook(
    cache: WebhookCache, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    """Adopt the webhook that has the target. If no webhook has the target, create one.

    Args:
        cache: The webhooks of the project.
        claims: Records which resource owns a webhook, so that two resources never adopt the same one.
        draft: The fields of the webhook. If `draft.secret` is empty, an adopted webhook keeps its secret.
        new_secret: If `draft.secret` is empty, a created webhook gets this secret.
        deadline: The deadline of the operation.

    Returns:
        The webhook, and True if it was adopted or False if it was created.

    Raises:
        WebhookExistsError: There are two cases. Either another resource of this run owns the webhook with the
            target, and this webhook is not changed. Or Sinch reports a conflict, although the list of the
            project's webhooks has no webhook with the target.
        SinchError: As for `create_webhook`.
    """
    with cache.target_reserved(draft.target, deadline):
        webhook, adopted = _create_or_adopt(cache, claims, draft, new_secret, deadline)
        claims.record_write(webhook.id, webhook.target)
        return webhook, adopted


def _create_or_adopt(
    cache: WebhookCache, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    existing = with_target(cache.webhooks(deadline, max_age=MAX_AGE_FOR_CREATE).values(), draft.target)
    if existing is None:
        complete = replace(draft, secret=draft.secret or new_secret)
        try:
            return _create(cache, claims, complete, deadline), False
        except WebhookExistsError:
            existing = with_target(cache.webhooks(deadline, max_age=0).values(), draft.target)
            if existing is None:
                raise
    return _adopt(cache, claims, draft, existing, deadline), True


def _adopt(
    cache: WebhookCache, claims: Claims, draft: WebhookDraft, existing: Webhook, deadline: Deadline
) -> Webhook:
    if not claims.claim_adoption(existing.id):
        raise WebhookExistsError(
            ADOPTING,
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="another resource of this stack owns the webhook with this target",
        )
    client, project_id = cache.client, cache.project_id
    if draft.secret:
        webhook = client.replace(project_id, existing.id, draft.fields, deadline, action=ADOPTING)
    else:
        others = {key: value for key, value in draft.fields.items() if key not in {"target", "secret"}}
        webhook = client.update(project_id, existing.id, others, deadline, action=ADOPTING)
    cache.record(webhook)
    return webhook


def _create(cache: WebhookCache, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    clock = cache.client.clock
    known_before = cache.webhooks(deadline, max_age=MAX_AGE_FOR_CREATE).keys()
    creation = _Creation(cache, claims, draft, deadline, known_before)
    outcome = creation.attempt()
    for attempt in range(1, MAX_RETRIES + 1):
        if isinstance(outcome, Webhook):
            break
        retry_after = outcome.retry_after if isinstance(outcome, ApiError) else None
        delay = retry_delay(attempt, retry_after, clock.random())
        if delay >= deadline.remaining():
            break
        cache.client.log.wait_begins(_CREATING, describe_outcome(outcome), delay, attempt + 1)
        clock.sleep(delay)
        outcome = creation.attempt()
    if isinstance(outcome, SinchError):
        raise creation.first_ambiguous or outcome
    return outcome


@dataclass
class _Creation:
    """The attempts to create one webhook.

    Attributes:
        known_before: The ids of the project's webhooks before the first POST.
        first_ambiguous: The error of the first ambiguous POST, which possibly created the webhook. None if no
            POST was ambiguous.
    """

    cache: WebhookCache
    claims: Claims
    draft: WebhookDraft
    deadline: Deadline
    known_before: Collection[str]
    first_ambiguous: SinchError | None = None

    def attempt(self) -> Webhook | SinchError:
        """Send one POST. Returns the webhook, or the error if the POST may be sent again.

        Raises:
            SinchError: The POST must not be sent again.
        """
        try:
            return self._post()
        except SinchError as error:
            if error.ambiguous and self.first_ambiguous is None:
                self.first_ambiguous = error
            # After an ambiguous POST, any later error causes another lookup. The ambiguous POST may have
            # taken effect by now, and may be the cause of the later error.
            if self.first_ambiguous is not None:
                recovered = self._recover(self.first_ambiguous)
                if recovered is not None:
                    return recovered
            if self._may_post_again(error):
                # The frames of the traceback refer to the errors, and would keep them in memory.
                return error.with_traceback(None)
            error.ambiguous = self.first_ambiguous is not None  # an earlier POST may still take effect
            raise

    def _post(self) -> Webhook:
        webhook = self.cache.client.create(self.cache.project_id, self.draft.fields, self.deadline)
        is_another = webhook.id in self.known_before or certainly_differ(webhook.target, self.draft.target)
        if is_another or not self.claims.claim(webhook.id):
            raise UnexpectedResponseError(
                "creating the webhook failed: the response has the id of a webhook that existed before, or "
                "that another resource owns",
                ambiguous=True,
            )
        self.cache.record(webhook)
        return webhook

    def _may_post_again(self, error: SinchError) -> bool:
        """Return whether to send the POST again after an error.

        `error` is the error of the last POST. If this POST was ambiguous, the caller has already searched the
        list for its webhook, and has not found the webhook. The POST is then sent again, unless a retry would
        get the same response, such as a gateway's 403. If the last POST certainly changed nothing, it is sent
        again in one case: Sinch reported a conflict, and this process has deleted a webhook with the same
        target.
        """
        if error.ambiguous:
            return is_transient(error.status) if isinstance(error, ApiError) else True
        # Sinch does not document that a target is free as soon as its webhook is deleted (CONTRACT.md,
        # Fields).
        freed = self.claims.was_freed(self.cache.project_id, self.draft.target)
        return isinstance(error, WebhookExistsError) and freed

    def _recover(self, first_ambiguous: SinchError) -> Webhook | None:
        """Find the webhook that an ambiguous POST created, and send all its fields again (PUT).

        Returns None if the list has neither this webhook nor another webhook with exactly this target.

        Raises:
            WebhookExistsError: Another webhook has exactly this target.
            SinchError: The PUT failed, or the list could not be read. If the list could not be read, the
                error is `first_ambiguous`.
        """
        try:
            webhooks = self.cache.webhooks(self.deadline, max_age=0).values()
        except SinchError:
            raise first_ambiguous from None
        created = self._find_created(webhooks)
        if created is not None:
            return self._complete(created.id)
        if any(webhook.target == self.draft.target for webhook in webhooks):
            raise WebhookExistsError(
                _CREATING,
                status=0,
                error_code="webhook_exists",
                message="no usable response arrived, and another webhook, which this request did not create, "
                "already has this target",
            ) from None
        return None

    def _find_created(self, webhooks: Collection[Webhook]) -> Webhook | None:
        """Find the webhook that an ambiguous POST created, and claim it.

        Returns None if the list does not have this webhook.
        """
        for webhook in webhooks:
            is_ours = (
                webhook.id not in self.known_before
                and same_target(webhook.target, self.draft.target)
                and set(webhook.triggers) == set(self.draft.triggers)
            )
            if is_ours and self.claims.claim(webhook.id):
                return webhook
        return None

    def _complete(self, webhook_id: str) -> Webhook:
        """Send a PUT with all fields of the webhook that `_find_created` found.

        Sinch never returns a secret. So only a PUT ensures that the webhook has the right secret.
        """
        project_id = self.cache.project_id
        try:
            webhook = self.cache.client.replace(
                project_id, webhook_id, self.draft.fields, self.deadline, action=_CREATING
            )
        except SinchError as error:
            error.ambiguous = True
            error.incomplete_id = webhook_id
            raise
        self.cache.record(webhook)
        return webhook
