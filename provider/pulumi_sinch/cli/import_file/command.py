"""What ``pulumi-sinch import-file`` does: list, choose, write two files, and say how to go on."""

import json
import keyword
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import with_target
from pulumi_sinch.cli import list_webhooks
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference, import_document
from pulumi_sinch.cli.import_file.files import write_files
from pulumi_sinch.cli.import_file.names import identifier, resource_names
from pulumi_sinch.cli.import_file.program import declared_triggers, program_text
from pulumi_sinch.core.inputs import MAX_SECRET_LENGTH, validate
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.redaction import redact_target, sanitize


@dataclass(frozen=True)
class Wanted:
    """What to import.

    Attributes:
        project: Sinch project; that of the environment where it is `None`.
        targets: Of single webhooks.
        ids: Of single webhooks; all of the project where neither is given.
        provider_urn: Of an explicit provider.
        secret_variables: As `secrets_of` takes them.
    """

    project: str | None = None
    targets: Sequence[str] = ()
    ids: Sequence[str] = ()
    provider_urn: str | None = None
    secret_variables: Sequence[str] = ()


def write_import(wanted: Wanted, file: Path, program: Path, *, force: bool = False) -> str:
    """Write the import file and the program.

    Args:
        wanted: What to import.
        file: Where the import file goes; only its owner may read it.
        program: Where the program goes.
        force: Replace files that exist.

    Returns:
        What was written, and what to do next, for the terminal.

    Raises:
        SinchError: Sinch cannot be asked, or something that is wanted is not there. Nothing is written.
        OSError: A file cannot be written.
    """
    _refuse_unusable(file, program)
    provider = ProviderReference.parse(wanted.provider_urn) if wanted.provider_urn else None
    settings = Settings.read(lambda _: None)
    project_id = list_webhooks.choose_project(settings, wanted.project)
    webhooks = list_webhooks.live_webhooks(settings, project_id)
    if not webhooks:
        raise SinchError(f"Project {project_id} has no webhooks: there is nothing to import")
    # Names are made for the whole project, so that they do not depend on the choice.
    names = resource_names(webhooks)
    chosen, skipped = without_undeclarable(
        choose(webhooks, wanted.targets, wanted.ids), named=bool(wanted.targets or wanted.ids)
    )
    secrets = secrets_of([names[webhook.id] for webhook in chosen], wanted.secret_variables, os.environ)
    entries = [Entry(names[webhook.id], webhook, secrets.get(names[webhook.id], "")) for webhook in chosen]
    texts = {
        file: json.dumps(import_document(entries, project_id, provider), indent=2) + "\n",
        program: program_text(entries, project_id, project_id=wanted.project, provider=provider),
    }
    write_files(texts, private=file, force=force)
    return "\n".join([*skipped, report(entries, project_id, file, program, provider)])


def _refuse_unusable(file: Path, program: Path) -> None:
    if not program.stem.isidentifier() or keyword.iskeyword(program.stem) or program.suffix != ".py":
        raise SinchError(f"{program} cannot be imported: name the program such as webhooks.py")
    if file.resolve() == program.resolve():
        raise SinchError("The import file and the program must be two files")


def choose(webhooks: Sequence[Webhook], targets: Sequence[str], ids: Sequence[str]) -> list[Webhook]:
    """Return the webhooks with these targets and ids, in the order of the project; all where none is named.

    Raises:
        SinchError: One of them does not exist. It shows targets without credentials.
    """
    if not (targets or ids):
        return [*webhooks]
    by_target = {target: with_target(webhooks, target) for target in targets}
    missing = [redact_target(target) for target, webhook in by_target.items() if webhook is None]
    missing += [webhook_id for webhook_id in ids if webhook_id not in {webhook.id for webhook in webhooks}]
    if missing:
        raise SinchError(
            f"The project has no webhook {', '.join(missing)}",
            hint="`pulumi-sinch list` shows what there is, with --json in full.",
        )
    wanted = {*ids, *(webhook.id for webhook in by_target.values() if webhook is not None)}
    return [webhook for webhook in webhooks if webhook.id in wanted]


def without_undeclarable(webhooks: Sequence[Webhook], *, named: bool) -> tuple[list[Webhook], list[str]]:
    """Leave out the webhooks that no program can declare, such as one of another Sinch product without a target.

    Args:
        webhooks: Those to import.
        named: Whether the user named each of them. Then none is left out silently.

    Returns:
        The others, and a line with id and reason for each that is left out.

    Raises:
        SinchError: The user named such a webhook, or there is no other. Nothing is written.
    """
    reasons = {webhook.id: "; ".join(_problems(webhook)) for webhook in webhooks}
    usable = [webhook for webhook in webhooks if not reasons[webhook.id]]
    odd = [(sanitize(webhook.id), reasons[webhook.id]) for webhook in webhooks if reasons[webhook.id]]
    if odd and (named or not usable):
        raise SinchError(
            "\n".join(f"Webhook {webhook_id} cannot be imported: {reason}" for webhook_id, reason in odd),
            hint="No file was written. Another Sinch product may own such a webhook: leave it out.",
        )
    return usable, [f"Skipped webhook {webhook_id}: {reason}" for webhook_id, reason in odd]


def _problems(webhook: Webhook) -> list[str]:
    """Return why `check` would reject the webhook's declaration."""
    triggers = declared_triggers(webhook.triggers)
    return validate({"target": webhook.target, "triggers": triggers, "allow_unknown_triggers": True})[1]


def secrets_of(
    names: Sequence[str], assignments: Sequence[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets to import, by name of the resource.

    Args:
        names: Of all resources to import.
        assignments: ``VARIABLE`` for all of them, ``NAME=VARIABLE`` for one, which wins.
        environment: Holds the secrets.

    Raises:
        SinchError: A name is not among `names`, or a variable holds no secret. The secret is never in the text.
    """
    general = [("", text) for text in assignments if "=" not in text]
    single = [(text.partition("=")[0], text.partition("=")[2]) for text in assignments if "=" in text]
    found: dict[str, str] = {}
    for name, variable in [*general, *single]:
        if name and name not in names:
            raise SinchError(
                f"No webhook to import is named {name}", hint=f"Their names are: {', '.join(names)}"
            )
        secret = environment.get(variable, "")
        if not 1 <= len(secret) <= MAX_SECRET_LENGTH:
            raise SinchError(
                f"The environment variable {variable} must hold a secret of 1 to {MAX_SECRET_LENGTH} characters"
            )
        found |= dict.fromkeys([name] if name else names, secret)
    return found


def report(
    entries: Sequence[Entry], project_id: str, file: Path, program: Path, provider: ProviderReference | None
) -> str:
    """Say what was written and how to go on, targets without the credentials that they carry."""
    declare = f" and `{program.stem}.declare({identifier(provider.name)})`" if provider else ""
    confidential = " It holds secrets: delete it after the import." if any(e.secret for e in entries) else ""
    private = any(redact_target(entry.webhook.target) != entry.webhook.target for entry in entries)
    count = f"{len(entries)} webhook{'s' if len(entries) > 1 else ''}"
    return "\n".join(
        [
            f"{count} of project {project_id}:",
            *(
                f"  {entry.name}  {sanitize(entry.webhook.id)}  {sanitize(redact_target(entry.webhook.target))}"
                for entry in entries
            ),
            f"Wrote {file}.{confidential}",
            f"Wrote {program}. Put `import {program.stem}`{declare} into your program.",
            *([f"Some targets seem to carry credentials: {program} has them in full."] if private else []),
            "Run next:",
            *(f"  {command}" for command in next_commands(file)),
        ]
    )


def next_commands(file: Path) -> tuple[str, str]:
    """Return the two commands that bring the webhooks into the stack and show that nothing would change."""
    name = shlex.quote(str(file))
    return (
        f"pulumi import --file {name} --generate-code=false --protect=false",
        "pulumi preview --diff",
    )
