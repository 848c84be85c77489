"""Creating a webhook so that none is ever doubled, forgotten or taken from somebody else.

A POST has no idempotency key (CONTRACT.md, Errors). Where its answer is lost, the project's listing tells what became
of it, because a target is unique in its project:

- The target is there now, under an id that was not there just before, with the triggers that were sent, and no other
  resource of this run has it: the lost POST made it. Everything is sent again with PUT, to be sure of the secret.
- The target is not there: the POST is sent again. Should that one be refused, the listing is read once more.
- Otherwise it is somebody else's and stays untouched.

A conflict over a target whose webhook this run has just deleted is no lost answer: the POST is repeated until Sinch has
let go of it.
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
    """Knows which webhooks the resources of this run own."""

    def claim(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that created it. Returns False if another resource owns it."""

    def claim_adoption(self, webhook_id: str) -> bool:
        """Claim a webhook for the resource that adopts it. Returns False if another resource owns it."""


@dataclass(frozen=True)
class WebhookDraft:
    """What a webhook shall be.

    Attributes:
        target: URL.
        triggers: At least one.
        secret: Signs the callbacks; empty where Sinch's own shall stay.
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
        WebhookExistsError: Another webhook has the target; it is untouched.
        WebhookLimitReachedError: The project has 15 webhooks.
        SinchError: As every call. Where its `ambiguous` is true, the webhook may exist.
    """
    with cache.target_reserved(draft.target, deadline):
        return _create(cache, claims, draft, deadline)


def create_or_adopt_webhook(
    cache: WebhookCache, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    """Adopt the webhook that has the target, or create one.

    Args:
        cache: Of the webhook's project.
        claims: Of this run.
        draft: Without a secret, an adopted webhook keeps its secret.
        new_secret: The secret of a created webhook if the draft has none.
        deadline: Of the operation.

    Returns:
        The webhook, and whether it was adopted.

    Raises:
        WebhookExistsError: Another resource of this run owns the webhook. It is unchanged.
        SinchError: As `create_webhook`.
    """
    with cache.target_reserved(draft.target, deadline):
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
    lost: SinchError | None = None  # the first attempt whose answer did not come
    attempt = 0
    while True:
        attempt += 1
        try:
            webhook = cache.client.create(cache.project_id, draft.fields, deadline)
            break
        except SinchError as error:
            if error.ambiguous or lost is not None:
                lost = lost or error
                recovered = _recover(cache, claims, draft, known_before, lost, deadline)
                if recovered is not None:
                    return recovered
            # Whether a target is free as soon as its webhook is deleted is undocumented (CONTRACT.md, Fields).
            still_held = isinstance(error, WebhookExistsError) and cache.was_freed(draft.target)
            if not (error.ambiguous or still_held):
                error.ambiguous = lost is not None  # the lost attempt may still be carried out
                raise
            delay = retry_delay(attempt, None, clock.random())
            if attempt > MAX_RETRIES or delay >= deadline.remaining():
                raise (lost or error) from None
            clock.sleep(delay)
    claims.claim(webhook.id)
    cache.record(webhook)
    return webhook


def _recover(  # noqa: PLR0913, PLR0917 - everything that the decision needs
    cache: WebhookCache,
    claims: Claims,
    draft: WebhookDraft,
    known_before: Collection[str],
    lost: SinchError,
    deadline: Deadline,
) -> Webhook | None:
    """Return the webhook that a POST without an answer made; `None` where it made none."""
    try:
        webhooks = cache.webhooks(deadline, max_age=0)
    except SinchError:
        raise lost from None
    for webhook in webhooks.values():
        is_ours = (
            webhook.id not in known_before
            and same_target(webhook.target, draft.target)
            and set(webhook.triggers) == set(draft.triggers)
            and claims.claim(webhook.id)
        )
        if is_ours:
            return _reassert(cache, draft, webhook.id, deadline)
    if any(webhook.target == draft.target for webhook in webhooks.values()):
        raise WebhookExistsError(
            "creating the webhook",
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="No usable answer came, and the target belongs to another webhook.",
        ) from None
    return None


def _reassert(cache: WebhookCache, draft: WebhookDraft, webhook_id: str, deadline: Deadline) -> Webhook:
    try:
        webhook = cache.client.replace(
            cache.project_id, webhook_id, draft.fields, deadline, action="creating the webhook"
        )
    except SinchError as error:
        error.ambiguous = True
        error.hint = (
            f"Webhook {webhook_id} of project {cache.project_id} was created, but could not be completed, and "
            "is not in the state. Run `pulumi up` once with adopt=True on this resource, which takes it over, or "
            "delete that webhook."
        )
        raise
    cache.record(webhook)
    return webhook
