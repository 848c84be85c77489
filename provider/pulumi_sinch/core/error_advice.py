"""Hints for errors. A hint says whether anything changed at Sinch, and gives the next step."""

from http import HTTPStatus
from typing import Literal

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
from pulumi_sinch.api.retries import is_transient
from pulumi_sinch.api.targets import with_target
from pulumi_sinch.api.webhook_cache import MAX_AGE_FOR_CREATE, WebhookCache
from pulumi_sinch.core import route, run_state, target_conflicts
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.redaction import redact_target, sanitize

_REFUSED_KEY = {400, 401, 403}
UNCHANGED = "Nothing was changed at Sinch."
AMBIGUOUS = "The request may have taken effect at Sinch."
UPDATE_CONFLICT = (
    "Next steps:\n"
    "- If this target is the old target of another resource, whose target changes in the same run: let the "
    "failed resource depend on the other resource (depends_on), and run `pulumi up` again.\n"
    "- If resources A and B swap their targets: run `pulumi up` three times. In run 1, give A a temporary "
    "target. In run 2, give B its new target. In run 3, give A its new target.\n"
    "- If the target belongs to a resource that you removed from the program in the same run: set the failed "
    "resource back to its old target, and run `pulumi up`, which deletes the removed resource. Then change "
    "the target in another run.\n"
    "- Otherwise choose another target, or delete the webhook that has this target."
)
SAVED_CONFIG = (
    "`pulumi refresh` and `pulumi destroy` use the config of the last `pulumi up` unless you give "
    "`--run-program`."
)
ROTATION_LOST = (
    "Run `pulumi up` again with the same program. If the program sets secret, this run sends the new secret "
    "again. If the provider generates the secret, this run sends another new secret. If you restore the old "
    "secret in the program instead, also change secret_version, because the provider cannot read which "
    "secret Sinch uses."
)
OperationKind = Literal["create", "list", "read", "update", "delete"]


def add_hint(  # noqa: PLR0913, PLR0917 - everything that a hint may name
    kind: OperationKind,
    error: SinchError,
    settings: Settings,
    cache: WebhookCache,
    target: str,
    deadline: Deadline,
) -> None:
    """Set the hint of an error, unless the error already has a hint.

    Args:
        kind: The kind of the failed operation.
        error: The error that gets the hint.
        settings: The settings of the failed operation.
        cache: The webhook cache of the project. A hint about a taken target or about too many webhooks names
            webhooks from this cache.
        target: The target of the operation's webhook.
        deadline: The deadline of the failed operation. If the hint needs a list request, this request must
            end before the same deadline.
    """
    if error.hint:
        return
    match error:
        case WebhookNotFoundError():
            error.hint = gone_hint(kind, error, cache.project_id)
        case SinchError(incomplete_id=webhook_id) if webhook_id:
            error.hint = incomplete_hint(webhook_id, cache.project_id)
        case WebhookExistsError():
            error.hint = conflict_hint(error, cache, target, deadline)
        case WebhookLimitReachedError():
            error.hint = quota_hint(error, cache, deadline)
        case SinchError(ambiguous=True):
            error.hint = ambiguous_hint(error, settings, cache.project_id, _repeat(kind, target))
        case _:
            error.hint = (
                f"{UNCHANGED} {next_step(error, settings, cache.project_id)}{saved_config(kind, error)}"
            )


def gone_hint(kind: OperationKind, error: WebhookNotFoundError, project_id: str) -> str:
    """Return the hint for an operation on a webhook that no longer exists at Sinch."""
    if kind == "create":
        return (
            f"Sinch no longer finds the webhook in project {project_id}: it was deleted during this "
            "operation. The webhook is not in the state. Run the command again to create it."
        )
    step = f"Project {project_id} no longer has this webhook: run `pulumi up --refresh` to create it again."
    return step if error.ambiguous else f"{UNCHANGED} {step}"


def saved_config(kind: OperationKind, error: SinchError) -> str:
    """Return a reminder that refresh and destroy use old config, which can contain old credentials.

    Only a read or a delete that failed because of rejected credentials needs the reminder. In all other
    cases, the reminder is an empty string.
    """
    if kind not in {"read", "delete"} or not isinstance(error, TokenError | UnauthorizedError):
        return ""
    return f" {SAVED_CONFIG}"


def ambiguous_hint(error: SinchError, settings: Settings, project_id: str, next_step: str) -> str:
    """Return the hint for a failed request that possibly took effect at Sinch.

    Args:
        error: The error of the failed request. If the request failed with a response that Sinch does not
            document, the hint names the probable cause of this response.
        settings: The settings of the failed operation.
        project_id: The project of the webhook.
        next_step: One or more sentences that tell the user how to continue.
    """
    suspicion = _suspicion(error, settings, project_id)
    return f"{AMBIGUOUS} {suspicion}. {next_step}" if suspicion else f"{AMBIGUOUS} {next_step}"


def _suspicion(error: SinchError, settings: Settings, project_id: str) -> str:
    """Return the probable cause of a response that Sinch does not document.

    The returned text has no period at its end. For all other errors, the text is empty.
    """
    match error:
        case TokenError() | UnauthorizedError():
            return ""
        case ApiError(status=HTTPStatus.FORBIDDEN):
            return (
                f"The access key has no permission for this request in project {project_id}, or a proxy "
                f"rejects the request: check {settings.name('keyId')} and {settings.name('apiUrl')}"
            )
        case ApiError(status=status) if is_transient(status):
            return ""
        case ApiError(error_code="") | UnexpectedResponseError():
            return _gateway(settings)
        case _:
            return ""


def _gateway(settings: Settings) -> str:
    urls = f"{settings.name('apiUrl')} and {settings.name('authUrl')}"
    return f"The response seems to come from a proxy or gateway: check {urls}"


def _repeat(kind: OperationKind, target: str) -> str:
    if kind != "create":
        return "Run the command again. It is safe to repeat."
    return (
        f"Run the command again. If the webhook with the target {redact_target(target)} was created after "
        "all, you get a conflict error that explains how to adopt it."
    )


def next_step(error: SinchError, settings: Settings, project_id: str) -> str:
    """Return the next step for the user after an error that changed nothing at Sinch."""
    match error:
        case ConnectionFailedError():
            step = (
                f"Check the network, proxy settings, {settings.name('apiUrl')} and "
                f"{settings.name('authUrl')}, then run the command again."
            )
        case ApiError(status=status) if is_transient(status) or status == HTTPStatus.TOO_MANY_REQUESTS:
            step = "Sinch is unavailable, or limits the rate of requests: run the command again later."
        case TokenError(status=status) if status not in _REFUSED_KEY:
            step = f"{_gateway(settings)}, then run the command again."
        case TokenError():
            key = f"{settings.name('keyId')} and {settings.name('keySecret')}"
            step = f"Sinch rejects the access key: check {key}."
        case UnauthorizedError():
            step = unauthorized(settings, project_id)
        case ApiError(status=HTTPStatus.FORBIDDEN):
            step = f"{_suspicion(error, settings, project_id)}."
        case ApiError(error_code="") | UnexpectedResponseError():
            step = f"{_gateway(settings)}, then run the command again."
        case ApiError():
            step = (
                "Correct what Sinch's message (in the first line) complains about, then run the command "
                "again."
            )
        case _:
            timeout = settings.name("timeout")
            step = f"Run the command again. If it fails again, check the network, or raise {timeout}."
    return step


def unauthorized(settings: Settings, project_id: str) -> str:
    """Return the next step after Sinch rejected the credentials of a request.

    Sinch sends the same response for wrong credentials and for a wrong project (CONTRACT.md, Errors). With
    OAuth 2.0, the token endpoint has already accepted the access key, so the text names only the project.
    With basic authentication or an access token, the text names both possible causes.
    """
    return f"{_rejection(settings, project_id)}: check project_id or {settings.name('projectId')}."


def locked_webhook(settings: Settings, project_id: str, webhook_id: str) -> str:
    """Return the hint for a delete that fails because the credentials cannot access the webhook's project.

    Args:
        settings: The settings of the failed delete.
        project_id: The project in the state. The program or the config may name another project now.
        webhook_id: The id of the webhook.
    """
    webhook = f"webhook {sanitize(webhook_id)}"
    return (
        f"{UNCHANGED} {_rejection(settings, project_id)}. According to the state, {webhook} is in that "
        "project, so the credentials need access to the project until the webhook is deleted. Choose one of "
        "two ways:\n"
        f"- Restore the credentials of project {project_id} for one run, and run the same command again.\n"
        f"- Or delete {webhook} at Sinch yourself, without Pulumi. Then run `pulumi state delete URN` in a "
        "terminal, with the URN of its resource. This command sends nothing to Sinch. If two resources have "
        "this URN, the command asks which one to delete: choose the one with the id of this webhook.\n"
        f"{SAVED_CONFIG}"
    )


def _rejection(settings: Settings, project_id: str) -> str:
    if settings.access_token:
        return (
            f"Sinch rejects the access token in {settings.name('accessToken')}, or the token has no access "
            f"to project {project_id}"
        )
    key_id = settings.name("keyId")
    if settings.auth == "basic":
        return f"Sinch rejects the access key in {key_id}, or the key has no access to project {project_id}"
    return f"Sinch accepts the access key in {key_id}, but the key has no access to project {project_id}"


def incomplete_hint(webhook_id: str, project_id: str) -> str:
    """Return the next steps after a create that failed although Sinch has created the webhook.

    Sinch did not confirm the webhook's properties, so it is not certain which secret the webhook has.
    """
    return (
        f"Webhook {sanitize(webhook_id)} of project {project_id} was created, but no usable response "
        "arrived. A second request with the same properties failed. So the webhook is not in the state. Run "
        f"`pulumi up` once with {route.current().adopt} on this resource to adopt the webhook, or delete the "
        "webhook."
    )


def conflict_hint(error: WebhookExistsError, cache: WebhookCache, target: str, deadline: Deadline) -> str:
    """Return the hint for a target that another webhook already has.

    The hint contains the next steps. It also contains the id of the webhook that has the target, if the
    webhooks of the project can be listed.
    """
    webhooks = _look(cache, deadline, max_age=MAX_AGE_FOR_CREATE) or {}
    owner = with_target(webhooks.values(), target)
    if owner is None:
        owner = with_target((_look(cache, deadline, max_age=0) or {}).values(), target)
    who = f"Webhook {sanitize(owner.id)}" if owner is not None else "Another webhook"
    taken = f"{who} of project {cache.project_id} already has this target"
    outcome = AMBIGUOUS if error.ambiguous else UNCHANGED
    if owner is not None and run_state.current().has_written(owner.id, target):
        return (
            f"{taken}. {outcome} Two resources of this program have the same target: this run has just "
            "created, updated or adopted that webhook for the other resource. Give one of the two "
            "resources another target, or remove one."
        )
    if error.action == "updating the webhook":
        return f"{taken}. {outcome} {UPDATE_CONFLICT}"
    if error.action == ADOPTING:
        return f"{taken}. {outcome} {target_conflicts.adoption_refused()}"
    words = route.current()
    # The command contains the webhook's id instead of its target, because a target may contain a credential.
    import_command = words.import_command(cache.project_id, sanitize(owner.id) if owner is not None else "")
    return (
        f"{taken}. That webhook was not changed. An interrupted `up`, or an `up` that lost a response of "
        "Sinch, possibly created it. Next steps:\n"
        f"- To adopt that webhook, run `pulumi up` once with {words.adopt} on this resource, or import the "
        f"webhook with `{import_command}`. Pulumi cannot read the secret of the webhook. If the program does "
        "not set secret, change secret_version afterwards to generate a new secret.\n"
        f"- If this resource was renamed, give it {words.aliases} with the old name.\n"
        f"- If this resource is being replaced, give it {words.delete_before_replace}.\n"
        "- Otherwise choose another target, or delete that webhook."
    )


def quota_hint(error: SinchError, cache: WebhookCache, deadline: Deadline) -> str:
    """Return the hint for a project that already has the maximum number of webhooks.

    The hint lists the webhooks of the project.
    """
    webhooks = _look(cache, deadline, max_age=MAX_AGE_FOR_CREATE)
    lines = "".join(
        f"\n- {sanitize(webhook.id)} {redact_target(webhook.target)}" for webhook in (webhooks or {}).values()
    )
    outcome = AMBIGUOUS if error.ambiguous else UNCHANGED
    return (
        f"{outcome} A project can have 15 webhooks, including the webhooks of other Sinch products. Delete "
        f"a webhook of project {cache.project_id}, or use another project.{lines}"
    )


def _look(cache: WebhookCache, deadline: Deadline, *, max_age: float) -> dict[str, Webhook] | None:
    try:
        return cache.webhooks(deadline, max_age=max_age)
    except SinchError:
        return None
