"""Select the webhooks to import, and their secrets. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import with_target
from pulumi_sinch.cli.import_file.program import declared_triggers
from pulumi_sinch.core.inputs import MAX_SECRET_LENGTH, validate
from pulumi_sinch.redaction import redact_target, sanitize


@dataclass(frozen=True)
class Selection:
    """The webhooks to import.

    Attributes:
        project: Sinch project. If None, the stack or the environment names it.
        targets: Targets of single webhooks.
        ids: Ids of single webhooks. Without targets and ids, all webhooks of the project are imported.
        provider_urn: URN of an explicit provider.
        secret_variables: Assignments for `secrets_of`.
        stack: Stack whose config contains project and credentials. If None, they come from the environment.
    """

    project: str | None = None
    targets: Sequence[str] = ()
    ids: Sequence[str] = ()
    provider_urn: str | None = None
    secret_variables: Sequence[str] = ()
    stack: str | None = None


def choose(webhooks: Sequence[Webhook], targets: Sequence[str], ids: Sequence[str]) -> list[Webhook]:
    """Return the webhooks with these targets and ids, in the order of the project. Without any, return all.

    Raises:
        SinchError: A webhook does not exist. The message redacts targets.
    """
    if not (targets or ids):
        return [*webhooks]
    by_target = {target: with_target(webhooks, target) for target in targets}
    missing = [redact_target(target) for target, webhook in by_target.items() if webhook is None]
    missing += [webhook_id for webhook_id in ids if webhook_id not in {webhook.id for webhook in webhooks}]
    if missing:
        raise SinchError(
            f"The project has no webhook {', '.join(missing)}",
            hint="`pulumi-sinch list` shows the webhooks of the project. --json shows their full targets.",
        )
    wanted = {*ids, *(webhook.id for webhook in by_target.values() if webhook is not None)}
    return [webhook for webhook in webhooks if webhook.id in wanted]


def without_undeclarable(webhooks: Sequence[Webhook], *, named: bool) -> tuple[list[Webhook], list[str]]:
    """Skip webhooks that a program cannot declare, such as another Sinch product's webhook without a target.

    Args:
        webhooks: The webhooks to import.
        named: Whether the user named each webhook. If so, a webhook that cannot be declared raises an error.

    Returns:
        The usable webhooks, and a line with id and reason for each skipped one.

    Raises:
        SinchError: The user named such a webhook, or no webhook is usable. Nothing is written.
    """
    reasons = {webhook.id: "; ".join(_problems(webhook)) for webhook in webhooks}
    usable = [webhook for webhook in webhooks if not reasons[webhook.id]]
    odd = [(sanitize(webhook.id), reasons[webhook.id]) for webhook in webhooks if reasons[webhook.id]]
    if odd and (named or not usable):
        raise SinchError(
            "\n".join(f"Webhook {webhook_id} cannot be imported: {reason}" for webhook_id, reason in odd),
            hint="No file was written. Possibly the webhook belongs to another Sinch product. Select other "
            "webhooks with --id or --target.",
        )
    return usable, [f"Skipped webhook {webhook_id}: {reason}" for webhook_id, reason in odd]


def _problems(webhook: Webhook) -> list[str]:
    """Return why `check` would reject the webhook's declaration."""
    triggers = declared_triggers(webhook.triggers)
    return validate({"target": webhook.target, "triggers": triggers, "allow_unknown_triggers": True})[1]


def secrets_of(
    names: Sequence[str], assignments: Sequence[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets to import, by resource name.

    Args:
        names: The names of all resources to import.
        assignments: ``VARIABLE`` for all resources. ``NAME=VARIABLE`` for one resource takes precedence.
        environment: The environment variables.

    Raises:
        SinchError: A name is not among `names`, or a variable is not set or not a valid secret. The message
            never contains a secret.
    """
    general = [("", text) for text in assignments if "=" not in text]
    single = [(text.partition("=")[0], text.partition("=")[2]) for text in assignments if "=" in text]
    found: dict[str, str] = {}
    for name, variable in [*general, *single]:
        if name and name not in names:
            raise SinchError(
                f"No webhook of this import has the name {name}",
                hint=f"The names of the webhooks are: {', '.join(names)}",
            )
        secret = environment.get(variable, "")
        if not 1 <= len(secret) <= MAX_SECRET_LENGTH:
            raise SinchError(
                f"The environment variable {variable} must contain a secret of 1 to {MAX_SECRET_LENGTH} "
                "characters"
            )
        found |= dict.fromkeys([name] if name else names, secret)
    return found
