"""The file that webhooks survive a restart in, and the file that they start from."""

import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_sinch.atomic_file import write_atomically
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.store import Store, StoredWebhook
from pulumi_sinch.emulator.validation import Behavior

SAMPLE_PROJECT_ID = "5a1f0c3e-7b64-4d8e-9f21-6c0de7a15b42"

Projects = Mapping[str, Collection[StoredWebhook]]


class StateFileError(Exception):
    """A state or seed file that cannot be used; the text is a sentence without secrets."""


def open_store(
    projects: Iterable[str], behavior: Behavior, state_file: Path | None, seed_file: Path | None
) -> tuple[Store, list[StoredWebhook]]:
    """Return a store with the webhooks of the state file, else of the seed file, else without any.

    Args:
        projects: Projects that exist besides those of the files; a sample when there are none at all.
        behavior: The choices for undocumented behaviour.
        state_file: Where every change is kept; made when it is not there.
        seed_file: Where to start from when there is no state, and after a reset.

    Returns:
        The store, and the seeded webhooks.

    Raises:
        StateFileError: A file cannot be used. It is left as it is.
    """
    seeded = read_projects(seed_file) if seed_file else {}
    stored = read_projects(state_file) if state_file and state_file.exists() else None
    start = seeded if stored is None else stored
    source = seed_file if stored is None else state_file

    def save(changed: Projects) -> None:
        if state_file:
            write_projects(state_file, changed)

    known = dict.fromkeys([*projects, *seeded, *start]) or [SAMPLE_PROJECT_ID]
    store = Store(known, behavior, on_change=save)
    try:
        store.replace_all(webhook for webhooks in start.values() for webhook in webhooks)
    except RefusedError as error:
        raise StateFileError(f"{source} holds webhooks that the API would refuse: {error}") from None
    except OSError as error:
        raise StateFileError(f"{state_file} cannot be written: {error.strerror}") from None
    return store, [webhook for webhooks in seeded.values() for webhook in webhooks]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    target: str
    triggers: list[str]
    secret: str = Field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1] = 1
    projects: dict[str, list[_Record]]


def read_projects(path: Path) -> dict[str, list[StoredWebhook]]:
    """Read a state or seed file. An id or secret that is left out is generated.

    Args:
        path: A JSON file: ``{"projects": {"<project id>": [{"target": …, "triggers": […], "secret": …}]}}``.

    Raises:
        StateFileError: The file cannot be read or is not of this form.
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


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a validation without the value, which may be a secret."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def write_projects(path: Path, projects: Projects) -> None:
    """Write a state file for its owner only, whole or not at all.

    Raises:
        OSError: It cannot be written; what was there before is still there.
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
    # A symbolic link stays: the file behind it is replaced.
    write_atomically(path.resolve(), json.dumps(document, indent=2) + "\n")
