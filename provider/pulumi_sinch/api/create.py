"""Create a webhook exactly once, even if the response to the POST is lost.

A POST has no idempotency key (CONTRACT.md, Errors). After an ambiguous response, the project's list tells what
happened, because a target is unique in its project:

- The target is in the list, under an id that was not there just before, with the triggers that were sent, and no other
  resource of this run owns it: the POST created it. PUT then sends everything again, so that the secret is certain.
- The target is not in the list: the POST is sent again.
- Otherwise the webhook belongs to somebody else and stays unchanged.

A conflict with a webhook that this run has just deleted is not ambiguous. The POST is sent again until Sinch has
released the target.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol

from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import SinchError, WebhookExistsError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.retries import MAX_RETRIES, retry_delay
from pulumi_sinch.api.targets import same_target, with_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, WebhookCache


class Claims(Protocol):
    """Knows which webhooks the resources of this run own, have written and have deleted."""

    def claim(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that created it. Returns False if another resource owns it."""

    def claim_adoption(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that adopts it. Returns False if another resource owns it."""

    def record_write(self, webhook_id: str, target: str) -> None:
        """Remember that this run created, updated or adopted a webhook with this target."""

    def was_freed(self, project_id: str, target: str) -> bool:
        """Return whether this run deleted a webhook with this target."""


@dataclass(frozen=True)
class WebhookDraft:
    """A webhook to create or adopt.

    Attributes:
        target: URL.
        triggers: At least one.
        secret: Signs the callbacks. If empty, an adopted webhook keeps its secret.
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
        WebhookExistsError: Another webhook has the target. It is unchanged.
        WebhookLimitReachedError: The project has 15 webhooks.
        SinchError: The request failed. If the error is `ambiguous`, the webhook may exist.
    """
    with cache.target_reserved(draft.target, deadline):
        webhook = _create(cache, claims, draft, deadline)
        claims.record_write(webhook.id, webhook.target)
        return webhook


def create_or_adopt_webhook(
    cache: WebhookCache, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    """Adopt the webhook that has the target, or create one.

    Args:
        cache: The webhooks of the project.
        claims: The claims of this run.
        draft: Without a secret, an adopted webhook keeps its secret.
        new_secret: The secret of a created webhook if the draft has none.
        deadline: The end of the operation.

    Returns:
        The webhook, and whether it was adopted.

    Raises:
        WebhookExistsError: Another resource of this run owns the webhook. It is unchanged.
        SinchError: As `create_webhook`.
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
            "adopting the webhook",
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="another resource of this stack owns the webhook with this target",
        )
    client, project_id = cache.client, cache.project_id
    if draft.secret:
        webhook = client.replace(project_id, existing.id, draft.fields, deadline)
    else:
        others = {key: value for key, value in draft.fields.items() if key not in {"target", "secret"}}
        webhook = client.update(project_id, existing.id, others, deadline)
    cache.record(webhook)
    return webhook


def _create(cache: WebhookCache, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    clock = cache.client.clock
    known_before = cache.webhooks(deadline, max_age=MAX_AGE_FOR_CREATE).keys()
    first_ambiguous: SinchError | None = None
    attempt = 0
    while True:
        attempt += 1
        try:
            return _post(cache, claims, draft, deadline)
        except SinchError as error:
            if error.ambiguous and first_ambiguous is None:
                first_ambiguous = error
            # After one ambiguous response, any later error triggers another look: the first POST may have taken effect
            # since then, and may be the cause of this error.
            if first_ambiguous is not None:
                recovered = _recover(cache, claims, draft, known_before, first_ambiguous, deadline)
                if recovered is not None:
                    return recovered
            if not _may_post_again(error, cache, claims, draft):
                error.ambiguous = first_ambiguous is not None  # an earlier POST may still take effect
                raise
            delay = retry_delay(attempt, None, clock.random())
            if attempt > MAX_RETRIES or delay >= deadline.remaining():
                raise (first_ambiguous or error) from None
            clock.sleep(delay)


def _post(cache: WebhookCache, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    webhook = cache.client.create(cache.project_id, draft.fields, deadline)
    claims.claim(webhook.id)
    cache.record(webhook)
    return webhook


def _may_post_again(error: SinchError, cache: WebhookCache, claims: Claims, draft: WebhookDraft) -> bool:
    """Return whether to send another POST after one that created no webhook."""
    if error.ambiguous:
        return True
    # Sinch does not document that a target is free as soon as its webhook is deleted (CONTRACT.md, Fields).
    return isinstance(error, WebhookExistsError) and claims.was_freed(cache.project_id, draft.target)


def _recover(  # noqa: PLR0913, PLR0917 - everything that the decision needs
    cache: WebhookCache,
    claims: Claims,
    draft: WebhookDraft,
    known_before: Collection[str],
    first_ambiguous: SinchError,
    deadline: Deadline,
) -> Webhook | None:
    """Look for the webhook of an ambiguous POST, and complete it. Returns None if the POST created none.

    Raises:
        WebhookExistsError: The target belongs to another webhook.
        SinchError: The list could not be read (`first_ambiguous`), or the webhook could not be completed.
    """
    try:
        webhooks = cache.webhooks(deadline, max_age=0).values()
    except SinchError:
        raise first_ambiguous from None
    created = _find_created(webhooks, claims, draft, known_before)
    if created is not None:
        return _complete(cache, draft, created.id, deadline)
    if any(webhook.target == draft.target for webhook in webhooks):
        raise WebhookExistsError(
            "creating the webhook",
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="No usable answer came, and the target belongs to another webhook.",
        ) from None
    return None


def _find_created(
    webhooks: Collection[Webhook], claims: Claims, draft: WebhookDraft, known_before: Collection[str]
) -> Webhook | None:
    """Return the webhook that our POST created, and claim it."""
    for webhook in webhooks:
        is_ours = (
            webhook.id not in known_before
            and same_target(webhook.target, draft.target)
            and set(webhook.triggers) == set(draft.triggers)
        )
        if is_ours and claims.claim(webhook.id):
            return webhook
    return None


def _complete(cache: WebhookCache, draft: WebhookDraft, webhook_id: str, deadline: Deadline) -> Webhook:
    """Send all fields of a recovered webhook again. The secret cannot be read, so only this makes it certain."""
    try:
        webhook = cache.client.replace(
            cache.project_id, webhook_id, draft.fields, deadline, action="creating the webhook"
        )
    except SinchError as error:
        error.ambiguous = True
        error.incomplete_id = webhook_id
        raise
    cache.record(webhook)
    return webhook
