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
from pulumi_sinch.api.targets import same_target, with_target
from pulumi_sinch.api.transport import MAX_RETRIES, retry_delay
from pulumi_sinch.api.webhook_cache import FRESH, Directory


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


def create_webhook(directory: Directory, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    """Create a webhook exactly once, even if the response to the POST is lost.

    Raises:
        WebhookExistsError: Another webhook has the target; it is untouched.
        WebhookLimitReachedError: The project has 15 webhooks.
        SinchError: As every call. Where its `ambiguous` is true, the webhook may exist.
    """
    with directory.target_reserved(draft.target, deadline):
        webhook = _create(directory, claims, draft, deadline)
        claims.record_write(webhook.id, webhook.target)
        return webhook


def create_or_adopt_webhook(
    directory: Directory, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    """Adopt the webhook that has the target, or create one.

    Args:
        directory: Of the webhook's project.
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
    with directory.target_reserved(draft.target, deadline):
        webhook, adopted = _create_or_adopt(directory, claims, draft, new_secret, deadline)
        claims.record_write(webhook.id, webhook.target)
        return webhook, adopted


def _create_or_adopt(
    directory: Directory, claims: Claims, draft: WebhookDraft, new_secret: str, deadline: Deadline
) -> tuple[Webhook, bool]:
    existing = with_target(directory.webhooks(deadline, max_age=FRESH).values(), draft.target)
    if existing is None:
        complete = replace(draft, secret=draft.secret or new_secret)
        try:
            return _create(directory, claims, complete, deadline), False
        except WebhookExistsError:
            existing = with_target(directory.webhooks(deadline, max_age=0).values(), draft.target)
            if existing is None:
                raise
    return _adopt(directory, claims, draft, existing, deadline), True


def _adopt(
    directory: Directory, claims: Claims, draft: WebhookDraft, existing: Webhook, deadline: Deadline
) -> Webhook:
    if not claims.claim_adoption(existing.id):
        raise WebhookExistsError(
            "adopting the webhook",
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="another resource of this stack owns the webhook with this target",
        )
    client, project_id = directory.client, directory.project_id
    if draft.secret:
        webhook = client.replace(project_id, existing.id, draft.fields, deadline)
    else:
        others = {key: value for key, value in draft.fields.items() if key not in {"target", "secret"}}
        webhook = client.update(project_id, existing.id, others, deadline)
    directory.record(webhook)
    return webhook


def _create(directory: Directory, claims: Claims, draft: WebhookDraft, deadline: Deadline) -> Webhook:
    timing = directory.client.timing
    known_before = directory.webhooks(deadline, max_age=FRESH).keys()
    lost: SinchError | None = None  # the first attempt whose answer did not come
    attempt = 0
    while True:
        attempt += 1
        try:
            webhook = directory.client.create(directory.project_id, draft.fields, deadline)
            break
        except SinchError as error:
            if error.ambiguous or lost is not None:
                lost = lost or error
                recovered = _recover(directory, claims, draft, known_before, lost, deadline)
                if recovered is not None:
                    return recovered
            # Whether a target is free as soon as its webhook is deleted is undocumented (CONTRACT.md, Fields).
            still_held = isinstance(error, WebhookExistsError) and claims.was_freed(
                directory.project_id, draft.target
            )
            if not (error.ambiguous or still_held):
                error.ambiguous = lost is not None  # the lost attempt may still be carried out
                raise
            delay = retry_delay(attempt, None, timing.random())
            if attempt > MAX_RETRIES or delay >= deadline.remaining():
                raise (lost or error) from None
            timing.sleep(delay)
    claims.claim(webhook.id)
    directory.record(webhook)
    return webhook


def _recover(  # noqa: PLR0913, PLR0917 - everything that the decision needs
    directory: Directory,
    claims: Claims,
    draft: WebhookDraft,
    known_before: Collection[str],
    lost: SinchError,
    deadline: Deadline,
) -> Webhook | None:
    """Return the webhook that a POST without an answer made; `None` where it made none."""
    try:
        webhooks = directory.webhooks(deadline, max_age=0)
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
            return _reassert(directory, draft, webhook.id, deadline)
    if any(webhook.target == draft.target for webhook in webhooks.values()):
        raise WebhookExistsError(
            "creating the webhook",
            status=HTTPStatus.CONFLICT,
            error_code="webhook_exists",
            message="No usable answer came, and the target belongs to another webhook.",
        ) from None
    return None


def _reassert(directory: Directory, draft: WebhookDraft, webhook_id: str, deadline: Deadline) -> Webhook:
    try:
        webhook = directory.client.replace(
            directory.project_id, webhook_id, draft.fields, deadline, action="creating the webhook"
        )
    except SinchError as error:
        error.ambiguous = True
        error.hint = (
            f"Webhook {webhook_id} of project {directory.project_id} was created, but could not be completed, and "
            "is not in the state. Run `pulumi up` once with adopt=True on this resource, which takes it over, or "
            "delete that webhook."
        )
        raise
    directory.record(webhook)
    return webhook
