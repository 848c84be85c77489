"""What an error's reader does next: each function turns what is known into one or two sentences."""

import shlex

from pulumi_sinch.api.directory import FRESH, Directory
from pulumi_sinch.api.errors import (
    ApiError,
    ConnectionFailedError,
    InternalError,
    SinchError,
    TokenError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
    clean,
)
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.redaction import redact_target
from pulumi_sinch.api.targets import with_target
from pulumi_sinch.api.timing import Deadline
from pulumi_sinch.settings import ENVIRONMENT, Settings

_REFUSED_KEY = {400, 401, 403}
UNCHANGED = "Nothing was changed at Sinch."
AMBIGUOUS = (
    "It may or may not have been carried out at Sinch. Run `pulumi up` again: a change or a deletion is simply "
    "repeated; a webhook that was created nevertheless meets a conflict, whose text says how to take it over."
)
SAVED_CREDENTIALS = "`pulumi refresh` and `pulumi destroy` use the config of the last `pulumi up`; `--run-program` takes today's."


def setting(key: str) -> str:
    """Name a setting the way its user can find it: config key and environment variable."""
    return f"sinch:{key} ({ENVIRONMENT[key]})"


def add_hint(
    error: SinchError, settings: Settings, directory: Directory, target: str, deadline: Deadline
) -> None:
    """Complete an error with what happened at Sinch and what to do next.

    Args:
        error: Gets its `hint`.
        settings: Those of the failed operation.
        directory: Of the project; asked who has a target or fills the quota.
        target: The target of the webhook in question.
        deadline: Of the failed operation; what is left of it bounds the look at the directory.
    """
    if not error.hint:
        error.hint = _hint(error, settings, directory, target, deadline)


def _hint(  # noqa: C901 - one case per kind of error
    error: SinchError, settings: Settings, directory: Directory, target: str, deadline: Deadline
) -> str:
    match error:
        case WebhookExistsError():
            hint = target_taken(directory, target, deadline)
        case WebhookLimitReachedError():
            hint = quota_full(directory, deadline)
        case WebhookNotFoundError():
            hint = f"It is gone from project {directory.project_id}. `pulumi up --refresh` creates it again."
        case SinchError(ambiguous=True):
            hint = AMBIGUOUS
        case TokenError():
            hint = rejected_key(error)
        case UnauthorizedError():
            hint = unauthorized(settings, directory.project_id)
        case ConnectionFailedError():
            hint = (
                f"{UNCHANGED} Check the network, proxy settings and {setting('apiUrl')}, then run it again."
            )
        case UnexpectedResponseError() | ApiError(error_code=""):
            hint = (
                f"{UNCHANGED} A proxy or gateway seems to answer in Sinch's place: check {setting('apiUrl')}."
            )
        case InternalError():
            hint = f"{UNCHANGED} Run it again later."
        case ApiError():
            hint = f"{UNCHANGED} Correct what Sinch names, then run it again."
        case _:
            hint = f"{UNCHANGED} Run it again; should it fail again, raise {setting('timeout')}."
    return hint


def rejected_key(error: TokenError) -> str:
    """Say that the token endpoint refuses the access key, fails, or is none."""
    if error.status >= 500 or error.status == 429:  # noqa: PLR2004 - HTTP's own ranges
        return f"{UNCHANGED} Sinch's token endpoint is not available; run it again later."
    if error.status not in _REFUSED_KEY:
        return f"{UNCHANGED} Something else than Sinch's token endpoint seems to answer: check {setting('authUrl')}."
    return (
        f"{UNCHANGED} Sinch does not accept the access key: check {setting('keyId')} and {setting('keySecret')}. "
        + SAVED_CREDENTIALS
    )


def unauthorized(settings: Settings, project_id: str) -> str:
    """Tell a wrong project from wrong credentials as well as the answers allow (CONTRACT.md, Errors)."""
    project = f"project {project_id}: check project_id or {setting('projectId')}"
    if settings.access_token:
        reason = f"Sinch refuses the access token {setting('accessToken')}, or it is not for {project}."
    elif settings.auth == "basic":
        reason = f"Sinch refuses the access key ({setting('keyId')}), or it is not for {project}."
    else:
        reason = f"Sinch accepts the access key ({setting('keyId')}), but not for {project}."
    return f"{UNCHANGED} {reason} {SAVED_CREDENTIALS}"


def target_taken(directory: Directory, target: str, deadline: Deadline) -> str:
    """Name the webhook that has the target, and the ways on."""
    webhooks = _look(directory, deadline, max_age=FRESH) or {}
    owner = with_target(webhooks.values(), target)
    if owner is None:
        owner = with_target((_look(directory, deadline, max_age=0) or {}).values(), target)
    who = f"Webhook {clean(owner.id)}" if owner is not None else "Another webhook"
    # The id, not the target, which may carry a credential.
    chosen = f"--project {directory.project_id}" + (
        f" --id {shlex.quote(clean(owner.id))}" if owner is not None else ""
    )
    return (
        f"{who} of project {directory.project_id} has this target already; it was not changed. An `up` that was "
        "interrupted, or whose answer was lost, may have made it. To go on:\n"
        "- to take it over, run `pulumi up` once with adopt=True on this resource, or bring it in with "
        f"`pulumi-sinch import-file {chosen}`;\n"
        "- if the resource was renamed, give it opts=ResourceOptions(aliases=[…]) with its old name;\n"
        "- if it is being replaced, give it opts=ResourceOptions(delete_before_replace=True);\n"
        "- otherwise choose another target, or delete that webhook."
    )


def quota_full(directory: Directory, deadline: Deadline) -> str:
    """List the webhooks that fill the quota."""
    webhooks = _look(directory, deadline, max_age=FRESH)
    lines = "".join(
        f"\n- {clean(webhook.id)} {clean(redact_target(webhook.target))}"
        for webhook in (webhooks or {}).values()
    )
    return (
        f"{UNCHANGED} A project can have 15 webhooks, and other Sinch products count too. Delete one of project "
        f"{directory.project_id}, or use another project.{lines}"
    )


def _look(directory: Directory, deadline: Deadline, *, max_age: float) -> dict[str, Webhook] | None:
    try:
        return directory.webhooks(deadline, max_age=max_age)
    except SinchError:
        return None
