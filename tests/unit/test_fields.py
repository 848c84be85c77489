"""A new input has to be added in many places. These tests fail for each place that lacks it."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from pulumi_sinch import SinchWebhook
from pulumi_sinch.api.create import WebhookDraft
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.import_file.document import Entry, import_document
from pulumi_sinch.cli.import_file.program import program_text
from pulumi_sinch.core.diff import STORED
from pulumi_sinch.core.inputs import validate
from pulumi_sinch.core.operation import _draft
from pulumi_sinch.core.read import describe
from pulumi_sinch.emulator import Emulator, control_api, state_file, store, validation

IDENTITY = {"id", "project_id", "projectId"}
OURS = {"previous_secret", "secret_version", "adopt", "allow_unknown_triggers"}
"""Inputs that Sinch does not know."""
SECRET = {"secret"}
"""Fields that Sinch never returns."""


def fields_of(model: Any) -> set[str]:
    """Return the names of a dataclass's or a pydantic model's fields."""
    named = model.model_fields if hasattr(model, "model_fields") else model.__dataclass_fields__
    return {*named}


VALUES: dict[str, Any] = {**dict.fromkeys(fields_of(Webhook), "a-value"), "triggers": ("ALL",)}
WEBHOOK = Webhook(**VALUES)
ENTRY = Entry("senders", WEBHOOK, "a-secret")


def parameters_of(function: Any) -> set[str]:
    return {*inspect.signature(function).parameters} - {"self", "resource_name", "opts", "webhook_id"}


def imported(part: str) -> set[str]:
    (resource,) = import_document([ENTRY], "a-project")["resources"]
    return {*resource[part]} - {"__provider"}


def declared() -> set[str]:
    """Return the arguments of a webhook in the program of an import file."""
    lines = program_text([ENTRY], "a-project").splitlines()
    return {line.partition("=")[0].strip() for line in lines if line.startswith("    ") and "=" in line}


FIELDS = fields_of(WebhookDraft)
PLACES: dict[str, tuple[set[str], set[str]]] = {
    "webhook.py, constructor": (parameters_of(SinchWebhook.__init__), set()),
    "webhook.py, outputs": ({*SinchWebhook.__annotations__}, set()),
    "core/inputs.py": (
        {name for name in FIELDS if "not a property" not in str(validate({name: 1})[1])},
        set(),
    ),
    "core/diff.py, STORED": ({*STORED}, set()),
    "api/models.py": (fields_of(Webhook), SECRET),
    "core/read.py, describe": ({*describe([WEBHOOK], "p")[0]}, SECRET),
    "importing/document.py, inputs": (imported("inputs"), set()),
    "importing/document.py, outputs": (imported("outputs"), set()),
    "importing/program.py": (declared(), SECRET),
    "emulator/validation.py": (fields_of(validation.Fields), set()),
    "emulator/store.py": (fields_of(store.StoredWebhook), set()),
    "emulator/store.py, public_fields": (
        {*store.StoredWebhook(*"x" * len(fields_of(store.StoredWebhook))).public_fields},
        SECRET,
    ),
    "emulator/state_file.py": (fields_of(state_file._Record), set()),
    "emulator/control_api.py, new": (fields_of(control_api.NewWebhook), set()),
    "emulator/control_api.py, change": (fields_of(control_api.WebhookChange), set()),
    "emulator/emulator.py, create_webhook": (parameters_of(Emulator.create_webhook), set()),
    "emulator/emulator.py, change_webhook": (parameters_of(Emulator.change_webhook), set()),
}
"""The fields that each place knows, and the fields that it need not know."""


@pytest.mark.parametrize(("known", "but"), PLACES.values(), ids=PLACES)
def test_every_field_is_known(known: set[str], but: set[str]) -> None:
    """Each field of `WebhookDraft` is known wherever webhooks are written, read, stored or shown."""
    assert known - IDENTITY - OURS == FIELDS - but


KNOWN: dict[str, Any] = {
    "target": "https://hooks.example.com/",
    "triggers": ("BUNDLE_DONE",),
    "secret": "another-secret",
}
DISTINCT: dict[str, Any] = {name: KNOWN.get(name, f"a value of {name}") for name in FIELDS}
"""A value of each field that no default equals."""


def values_of(webhook: Any) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in FIELDS if hasattr(webhook, name)}


def test_a_draft_takes_every_field_of_the_inputs_and_sends_it() -> None:
    """A draft contains every given field, and the request body contains every field of the draft."""
    draft = _draft(DISTINCT)
    assert values_of(draft) == DISTINCT
    assert {**draft.fields, "triggers": tuple(draft.fields["triggers"])} == DISTINCT


def test_an_answer_is_read_whole() -> None:
    """The model contains every field that Sinch returns."""
    shown = {name: DISTINCT[name] for name in FIELDS - SECRET}
    webhook = Webhook.from_json(json.loads(json.dumps({"id": "1", **shown})))
    assert values_of(webhook) == shown


def test_the_emulator_keeps_every_field(tmp_path: Path) -> None:
    """The emulator keeps every field through create, change and the state file."""
    emulator = Emulator()
    made = emulator.create_webhook(**DISTINCT)
    assert values_of(made) == DISTINCT
    other = emulator.create_webhook("https://other.example.com/")
    emulator.delete_webhook(made.id)
    assert values_of(emulator.change_webhook(other.id, **DISTINCT)) == DISTINCT
    file = tmp_path / "state.json"
    state_file.write_projects(file, {"p": emulator.webhooks()})
    (read,) = state_file.read_projects(file)["p"]
    assert values_of(read) == DISTINCT
