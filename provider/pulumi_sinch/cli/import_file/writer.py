"""Write the import file and the program that declares its webhooks, and show the next commands."""

import json
import keyword
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.atomic_file import write_atomically
from pulumi_sinch.cli.import_file.document import (
    PLUGIN_PACKAGE,
    Entry,
    ProviderReference,
    import_document,
    plugin_import_document,
)
from pulumi_sinch.cli.import_file.names import identifier, resource_names
from pulumi_sinch.cli.import_file.program import program_text
from pulumi_sinch.cli.import_file.selection import Selection, choose, secrets_of, without_undeclarable
from pulumi_sinch.cli.live_webhooks import choose_project, fetch_webhooks, read_settings
from pulumi_sinch.redaction import redact_target, sanitize


def write_import(selection: Selection, file: Path, program: Path, *, force: bool = False) -> str:
    """Write the import file for `SinchWebhook` resources, and the program that declares them.

    Args:
        selection: The webhooks to import.
        file: Path of the import file. Only the owner of the file gets the permission to read it.
        program: Path of the program.
        force: Replace existing files.

    Returns:
        A report for the terminal, with the next commands.

    Raises:
        SinchError: The request to Sinch failed, a webhook cannot be imported, or a file already exists. No
            file is written.
        OSError: A file cannot be written.
    """
    _check_paths(file, program)
    provider = ProviderReference.parse(selection.provider_urn) if selection.provider_urn else None
    project_id, entries, skipped = _selected(selection)
    texts = {
        file: json.dumps(import_document(entries, project_id, provider), indent=2) + "\n",
        program: program_text(entries, project_id, project_id=selection.project, provider=provider),
    }
    write_files(texts, private=file, force=force)
    lines = report(entries, project_id, file, program, provider)
    return "\n".join([*skipped, *lines, *_run_next(next_commands(file, selection.stack))])


def write_plugin_import(selection: Selection, file: Path, *, force: bool = False) -> str:
    """Write the import file for the provider plugin. `pulumi import` generates the program.

    Args:
        selection: The webhooks to import.
        file: Path of the import file.
        force: Replace an existing file.

    Returns:
        A report for the terminal, with the next commands.

    Raises:
        SinchError: The request to Sinch failed, a webhook cannot be imported, or a file already exists. No
            file is written.
        OSError: The file cannot be written.
    """
    urn = selection.provider_urn
    provider = ProviderReference.parse(urn, PLUGIN_PACKAGE) if urn else None
    project_id, entries, skipped = _selected(selection)
    text = json.dumps(plugin_import_document(entries, project_id, provider), indent=2) + "\n"
    write_files({file: text}, private=file, force=force)
    commands = next_commands(file, selection.stack, generate_code=True)
    return "\n".join(
        [
            *skipped,
            *_list(entries, project_id),
            f"Wrote {file}. The first command below prints the resources: copy them into your program.",
            *_run_next(commands),
        ]
    )


def _selected(selection: Selection) -> tuple[str, list[Entry], list[str]]:
    """Return the project id, the webhooks to import, and a line about each skipped webhook."""
    settings = read_settings(selection.stack)
    project_id = choose_project(settings, selection.project)
    webhooks = fetch_webhooks(settings, project_id)
    if not webhooks:
        raise SinchError(f"Project {project_id} has no webhooks: there is nothing to import")
    # All webhooks of the project get names, so that names do not depend on the selection.
    names = resource_names(webhooks)
    chosen, skipped = without_undeclarable(
        choose(webhooks, selection.targets, selection.ids), named=bool(selection.targets or selection.ids)
    )
    secrets = secrets_of([names[webhook.id] for webhook in chosen], selection.secret_variables, os.environ)
    entries = [Entry(names[webhook.id], webhook, secrets.get(names[webhook.id], "")) for webhook in chosen]
    return project_id, entries, skipped


def _check_paths(file: Path, program: Path) -> None:
    if not program.stem.isidentifier() or keyword.iskeyword(program.stem) or program.suffix != ".py":
        raise SinchError(
            f"{program} is not a valid name for a Python module: choose a file name such as webhooks.py"
        )
    if file.resolve() == program.resolve():
        raise SinchError("The import file (--out) and the program (--program) must be two different files")


def write_files(texts: Mapping[Path, str], *, private: Path, force: bool) -> None:
    """Write files, each completely or not at all.

    Args:
        texts: Contents by path.
        private: The file that only its owner may read.
        force: Replace files that exist.

    Raises:
        SinchError: A file exists and `force` is off. No file is written.
        OSError: A file cannot be written.
    """
    existing = [str(path) for path in texts if os.path.lexists(path)]
    if existing and not force:
        verb = "exist" if len(existing) > 1 else "exists"
        raise SinchError(f"{' and '.join(existing)} already {verb}", hint="--force replaces existing files.")
    for path, text in texts.items():
        write_atomically(path, text, mode=0o600 if path == private else 0o666)


def report(
    entries: Sequence[Entry], project_id: str, file: Path, program: Path, provider: ProviderReference | None
) -> list[str]:
    """Return the lines about the webhooks and the files. Targets are redacted."""
    declare = f" and `{program.stem}.declare({identifier(provider.name)})`" if provider else ""
    confidential = (
        " This file contains secrets: delete it after the import." if any(e.secret for e in entries) else ""
    )
    private = any(redact_target(entry.webhook.target) != entry.webhook.target for entry in entries)
    return [
        *_list(entries, project_id),
        f"Wrote {file}.{confidential}",
        f"Wrote {program}. Add `import {program.stem}`{declare} to your program.",
        *([f"Some targets seem to contain credentials. {program} contains them too."] if private else []),
    ]


def _list(entries: Sequence[Entry], project_id: str) -> list[str]:
    count = f"{len(entries)} webhook{'s' if len(entries) > 1 else ''}"
    return [
        f"{count} of project {project_id}:",
        *(
            f"  {entry.name}\n"
            f"    id      {sanitize(entry.webhook.id)}\n"
            f"    target  {redact_target(entry.webhook.target)}"
            for entry in entries
        ),
    ]


def next_commands(file: Path, stack: str | None = None, *, generate_code: bool = False) -> tuple[str, str]:
    """Return two commands for the user: one that imports the webhooks, and a preview to check the result.

    Args:
        file: The import file.
        stack: The name of the stack, if the user gave one.
        generate_code: If True, the returned command `pulumi import` also prints the code of the resources.
    """
    name = shlex.quote(str(file))
    generate = "" if generate_code else " --generate-code=false"
    chosen = f" --stack {shlex.quote(stack)}" if stack else ""
    return (
        f"pulumi import --file {name}{generate} --protect=false{chosen}",
        f"pulumi preview --diff{chosen}",
    )


def _run_next(commands: Sequence[str]) -> list[str]:
    return ["Run next:", *(f"  {command}" for command in commands)]
