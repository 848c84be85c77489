"""Read and write the emulator's state file, which stores the webhooks, and read the seed file."""

import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_sinch.atomic_file import write_atomically
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.problems import first_problem
from pulumi_sinch.emulator.state_lock import StateFileError
from pulumi_sinch.emulator.store import Store, StoredWebhook
from pulumi_sinch.emulator.validation import Behavior

SAMPLE_PROJECT_ID = "5a1f0c3e-7b64-4d8e-9f21-6c0de7a15b42"

Projects = Mapping[str, Collection[StoredWebhook]]


def open_store(
    projects: Iterable[str],
    behavior: Behavior,
    state_file: Path | None,
    seed_file: Path | None,
    *,
    any_project: bool = False,
) -> tuple[Store, list[StoredWebhook]]:
    """Return a store with the webhooks of the state file, or of the seed file if no state file exists.

    Args:
        projects: Ids of projects to create, in addition to the projects of the two files. If neither
            `projects` nor the files contain a project, the store has a sample project.
        behavior: The behavior of the emulator where the behavior of Sinch is undocumented.
        state_file: The file to which the store writes every change. If the file does not exist, `open_store`
            creates it.
        seed_file: The file with the webhooks for the first start and for a reset.
        any_project: Whether the store creates a missing project when a request names the project.

    Returns:
        The store, and the webhooks of the seed file.

    Raises:
        StateFileError: The state file or the seed file cannot be used. Both files stay unchanged.
    """
    seeded = read_projects(seed_file) if seed_file else {}
    stored = read_projects(state_file) if state_file and state_file.exists() else None
    start = seeded if stored is None else stored
    source = seed_file if stored is None else state_file

    def save(changed: Projects) -> None:
        if state_file:
            write_projects(state_file, changed)

    known = dict.fromkeys([*projects, *seeded, *start]) or [SAMPLE_PROJECT_ID]
    store = Store(known, behavior, on_change=save, any_project=any_project)
    _replace_webhooks(store, start, source)
    return store, [webhook for webhooks in seeded.values() for webhook in webhooks]


def reload_store(store: Store, state_file: Path) -> None:
    """Read the webhooks of a state file again, because another emulator possibly changed the file.

    Raises:
        StateFileError: The file cannot be used. The file stays unchanged.
    """
    if not state_file.exists():
        return
    _replace_webhooks(store, read_projects(state_file), state_file)


def _replace_webhooks(store: Store, projects: Projects, source: Path | None) -> None:
    try:
        store.replace_all(webhook for webhooks in projects.values() for webhook in webhooks)
    except RefusedError as error:
        raise StateFileError(f"{source} contains webhooks that the API would reject: {error}") from None
    except OSError as error:
        raise StateFileError(f"The emulator's state file cannot be written: {error.strerror}") from None


class _Record(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    target: str
    triggers: list[str]
    secret: str = Field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


class _Document(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    version: Literal[1] = 1
    projects: dict[str, list[_Record]]


def read_projects(path: Path) -> dict[str, list[StoredWebhook]]:
    """Read a state file or a seed file. If a webhook has no id or no secret, generate the missing value.

    Args:
        path: A JSON file: ``{"projects": {"<project id>": [{"target": …, "triggers": […], "secret": …}]}}``.

    Raises:
        StateFileError: The file cannot be read or is invalid.
    """
    try:
        document = _Document.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StateFileError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise StateFileError(f"{path} is not a file of the emulator: {first_problem(error)}") from None
    return {
        project_id: [
            StoredWebhook(record.id, project_id, record.target, tuple(record.triggers), record.secret)
            for record in records
        ]
        for project_id, records in document.projects.items()
    }


def write_projects(path: Path, projects: Projects) -> None:
    """Write a state file, completely or not at all. Only the owner of the file can read it.

    Raises:
        OSError: The file cannot be written. The previous content is unchanged.
    """
    document = {
        "version": 1,
        "projects": {
            project_id: [
                {
                    "id": webhook.id,
                    "target": webhook.target,
                    "triggers": webhook.triggers,
                    "secret": webhook.secret,
                }
                for webhook in webhooks
            ]
            for project_id, webhooks in projects.items()
        },
    }
    # If the path is a symbolic link, replace the file that the link points to, not the link.
    write_atomically(path.resolve(), json.dumps(document, indent=2) + "\n")
