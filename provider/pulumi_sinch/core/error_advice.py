"""Hints of errors: each function returns the state at Sinch and the next step, in one or two sentences."""

from http import HTTPStatus

from pulumi_sinch.api.create import ADOPTING
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    ApiError,
    ConnectionFailedError,
    SinchError,
    TokenError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.retries import RETRYABLE_STATUSES
from pulumi_sinch.api.targets import with_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, WebhookCache
from pulumi_sinch.core import route, run_state, target_conflicts
from pulumi_sinch.core.settings import ENVIRONMENT, Settings
from pulumi_sinch.redaction import redact_target, sanitize

_REFUSED_KEY = {400, 401, 403}
UNCHANGED = "Nothing was changed at Sinch."
AMBIGUOUS = "It may or may not have been carried out at Sinch."
RUN_AGAIN = (
    "Run `pulumi up`, or what failed, again: a change or a deletion is simply repeated; a webhook that was created "
    "nevertheless meets a conflict, whose text says how to take it over."
)
ROTATION_LOST = (
    f"{AMBIGUOUS} Run `pulumi up` again with the same program: the new secret is sent once more. Should you go back to "
    "the old one instead, change secret_version too: which secret Sinch has cannot be read."
)
UPDATE_CONFLICT = (
    "To go on:\n"
    "- if another resource of this program gives the target up, let this one depend on it (depends_on), and run `pulumi up` "
    "again;\n"
    "- if the two exchange their targets, run `pulumi up` three times: give one of them a temporary target, then the other "
    "one its new target, then the first one its new target;\n"
    "- if that resource is removed, remove it in a run of its own first;\n"
    "- otherwise choose another target, or delete that webhook."
)
SAVED_CREDENTIALS = "`pulumi refresh` and `pulumi destroy` use the config of the last `pulumi up`; `--run-program` takes today's."


def setting(key: str) -> str:
    """Return a setting as users know it: config key and environment variable."""
    return f"sinch:{key} ({ENVIRONMENT[key]})"


def add_hint(
    error: SinchError, settings: Settings, cache: WebhookCache, target: str, deadline: Deadline
) -> None:
    """Add a hint to an error: the state at Sinch and the next step.

    Args:
        error: Its `hint` is set, unless it has one.
        settings: Those of the failed operation.
        cache: The webhook cache of the project. Finds the webhooks that have the target or fill the quota.
        target: The target of the webhook in question.
        deadline: Of the failed operation. Bounds the lookups too.
    """
    if error.hint:
        return
    match error:
        case SinchError(incomplete_id=webhook_id) if webhook_id:
            error.hint = incomplete_hint(webhook_id, cache.project_id)
        case WebhookExistsError():
            error.hint = conflict_hint(error, cache, target, deadline)
        case WebhookLimitReachedError():
            error.hint = quota_hint(cache, deadline)
        case SinchError(ambiguous=True):
            error.hint = f"{AMBIGUOUS} {RUN_AGAIN}"
        case _:
            error.hint = f"{UNCHANGED} {next_step(error, settings, cache.project_id)}"


def next_step(error: SinchError, settings: Settings, project_id: str) -> str:
    """Return the next step after an error that changed nothing."""
    gateway = (
        "A proxy or gateway seems to answer in Sinch's place: "
        f"check {setting('apiUrl')} and {setting('authUrl')}, then run it again."
    )
    match error:
        case ConnectionFailedError():
            step = f"Check the network, proxy settings, {setting('apiUrl')} and {setting('authUrl')}, then run it again."
        case ApiError(status=status) if (
            status in RETRYABLE_STATUSES or status == HTTPStatus.TOO_MANY_REQUESTS
        ):
            step = "Sinch is not available, or asks for fewer requests: run it again later."
        case WebhookNotFoundError():
            step = f"The webhook is gone from project {project_id}: `pulumi up --refresh` creates it again."
        case TokenError(status=status) if status not in _REFUSED_KEY:
            step = gateway
        case TokenError():
            step = (
                f"Sinch does not accept the access key: check {setting('keyId')} and {setting('keySecret')}. "
                + SAVED_CREDENTIALS
            )
        case UnauthorizedError():
            step = unauthorized(settings, project_id)
        case ApiError(status=HTTPStatus.FORBIDDEN):
            step = f"The access key may not do this in project {project_id}, or a proxy forbids it: check {setting('keyId')} and {setting('apiUrl')}."
        case ApiError(error_code="") | UnexpectedResponseError():
            step = gateway
        case ApiError():
            step = "Correct what Sinch names, then run it again."
        case _:
            step = f"Run it again; should it fail again, check the network, or raise {setting('timeout')}."
    return step


def unauthorized(settings: Settings, project_id: str) -> str:
    """Distinguish a wrong project from wrong credentials, if the responses allow it (CONTRACT.md, Errors)."""
    reason = _rejection(settings, project_id)
    return f"{reason}: check project_id or {setting('projectId')}. {SAVED_CREDENTIALS}"


def locked_webhook(settings: Settings, project_id: str, webhook_id: str) -> str:
    """Return the hint for a webhook that cannot be deleted, because the credentials do not open its project.

    Args:
        settings: Those of the failed delete.
        project_id: The project in the state. It does not follow the project of the program or of the config.
        webhook_id: Of the webhook.
    """
    webhook = f"webhook {sanitize(webhook_id)}"
    return (
        f"{UNCHANGED} {_rejection(settings, project_id)}. The state has {webhook} in that project, so the credentials must "
        "open it until the webhook is deleted. Two ways out:\n"
        f"- restore credentials of project {project_id} for one run, and run the same command again;\n"
        f"- or delete {webhook} by hand, and run `pulumi state delete URN` for its resource in a terminal: nothing is sent "
        "to Sinch. If Pulumi finds two resources with this URN, choose the one with this id.\n"
        f"{SAVED_CREDENTIALS}"
    )


def _rejection(settings: Settings, project_id: str) -> str:
    if settings.access_token:
        return (
            f"Sinch refuses the access token {setting('accessToken')}, or it is not for project {project_id}"
        )
    if settings.auth == "basic":
        return f"Sinch refuses the access key ({setting('keyId')}), or it is not for project {project_id}"
    return f"Sinch accepts the access key ({setting('keyId')}), but not for project {project_id}"


def incomplete_hint(webhook_id: str, project_id: str) -> str:
    """Return the next steps after a create that left a webhook whose secret is not certain."""
    return (
        f"Webhook {sanitize(webhook_id)} of project {project_id} was created, but could not be completed, and "
        f"is not in the state. Run `pulumi up` once with {route.current().adopt} on this resource, which takes it over, or "
        "delete that webhook."
    )


def conflict_hint(error: WebhookExistsError, cache: WebhookCache, target: str, deadline: Deadline) -> str:
    """Return the webhook that has the target, and the next steps."""
    webhooks = _look(cache, deadline, max_age=MAX_AGE_FOR_CREATE) or {}
    owner = with_target(webhooks.values(), target)
    if owner is None:
        owner = with_target((_look(cache, deadline, max_age=0) or {}).values(), target)
    who = f"Webhook {sanitize(owner.id)}" if owner is not None else "Another webhook"
    taken = f"{who} of project {cache.project_id} has this target already"
    outcome = AMBIGUOUS if error.ambiguous else UNCHANGED
    if owner is not None and run_state.current().has_written(owner.id, target):
        return (
            f"{taken}. {outcome} Two resources of this program have the same target: that webhook belongs to the other "
            "one, which this run has just created, updated or adopted. Give one of them another target, or remove one."
        )
    if error.action == "updating the webhook":
        return f"{taken}. {outcome} {UPDATE_CONFLICT}"
    if error.action == ADOPTING:
        return f"{taken}. {outcome} {target_conflicts.adoption_refused()}"
    words = route.current()
    # The id, not the target, which may carry a credential.
    import_command = words.import_command(cache.project_id, sanitize(owner.id) if owner is not None else "")
    return (
        f"{taken}; it was not changed. An `up` that was interrupted, or whose answer was lost, may have made it. "
        "To go on:\n"
        f"- to take it over, run `pulumi up` once with {words.adopt} on this resource, or bring it in with "
        f"`{import_command}`; its secret cannot be read, so afterwards change secret_version to get a "
        "new one, unless the program gives secret;\n"
        f"- if the resource was renamed, give it {words.aliases} with its old name;\n"
        f"- if it is being replaced, give it {words.delete_before_replace};\n"
        "- otherwise choose another target, or delete that webhook."
    )


def quota_hint(cache: WebhookCache, deadline: Deadline) -> str:
    """List the webhooks that fill the quota."""
    webhooks = _look(cache, deadline, max_age=MAX_AGE_FOR_CREATE)
    lines = "".join(
        f"\n- {sanitize(webhook.id)} {redact_target(webhook.target)}" for webhook in (webhooks or {}).values()
    )
    return (
        f"{UNCHANGED} A project can have 15 webhooks, and other Sinch products count too. Delete one of project "
        f"{cache.project_id}, or use another project.{lines}"
    )


def _look(cache: WebhookCache, deadline: Deadline, *, max_age: float) -> dict[str, Webhook] | None:
    try:
        return cache.webhooks(deadline, max_age=max_age)
    except SinchError:
        return None
