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
    """The webhooks to import, as the user selects them on the command line.

    Attributes:
        project: Id of the Sinch project. If None, it comes from the stack's config or the environment.
        targets: Targets of the webhooks to import.
        ids: Ids of the webhooks to import. Without targets and ids, all webhooks of the project are imported.
        provider_urn: URN of the explicit provider for the webhooks, or None.
        secret_variables: The arguments of ``--secret-env``, which `secrets_of` reads.
        stack: Stack whose config contains project and credentials. If None, they come from the environment.
    """

    project: str | None = None
    targets: Sequence[str] = ()
    ids: Sequence[str] = ()
    provider_urn: str | None = None
    secret_variables: Sequence[str] = ()
    stack: str | None = None


def choose(webhooks: Sequence[Webhook], targets: Sequence[str], ids: Sequence[str]) -> list[Webhook]:
    """Return the webhooks with one of these targets or ids. Without targets and ids, return all webhooks.

    The order of the webhooks does not change.

    Raises:
        SinchError: The project has no webhook for one of the targets or ids. The message redacts targets.
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
    """Skip webhooks that a program cannot declare, such as a webhook without a target.

    A webhook without a target possibly belongs to another Sinch product.

    Args:
        webhooks: The webhooks to import.
        named: True if the user selected the webhooks by target or id. The function then raises an error for
            a webhook that a program cannot declare, instead of skipping it.

    Returns:
        The webhooks that a program can declare, and a line with id and reason for each skipped webhook.

    Raises:
        SinchError: A program can declare none of the webhooks, or the user selected a webhook that a program
            cannot declare. In both cases, the command writes no file.
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
    """Return the reasons for which `check` would reject a declaration of this webhook."""
    triggers = declared_triggers(webhook.triggers)
    return validate({"target": webhook.target, "triggers": triggers, "allow_unknown_triggers": True})[1]


def secrets_of(
    names: Sequence[str], assignments: Sequence[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets to import, by resource name.

    Args:
        names: The names of all resources to import.
        assignments: The arguments of ``--secret-env``. ``VARIABLE`` names an environment variable with the
            secret for all resources. ``NAME=VARIABLE`` names an environment variable with the secret for the
            resource ``NAME``, and takes precedence over ``VARIABLE``.
        environment: The environment variables.

    Raises:
        SinchError: The ``NAME`` of an assignment is not among `names`, or the environment variable of an
            assignment contains no valid secret. The message never contains a secret.
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
