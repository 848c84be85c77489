"""An input that is added in one place is missed in each of the others, before a user misses it."""

import inspect
from typing import Any

import pytest
from pulumi_sinch import SinchWebhook
from pulumi_sinch.api.creation import WebhookDraft
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.changes import STORED
from pulumi_sinch.emulator import Emulator, control, persistence, rules, store
from pulumi_sinch.importing.document import Entry, import_document
from pulumi_sinch.importing.program import program_text
from pulumi_sinch.inputs import validate
from pulumi_sinch.lookup import describe

IDENTITY = {"id", "project_id", "projectId"}
OURS = {"previous_secret", "secret_version", "adopt", "allow_unknown_triggers"}
"""What Sinch does not know."""
SECRET = {"secret"}
"""What Sinch never shows."""


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
    """Return the arguments that the program of an import file gives."""
    lines = program_text([ENTRY], "a-project").splitlines()
    return {line.partition("=")[0].strip() for line in lines if line.startswith("    ") and "=" in line}


FIELDS = fields_of(WebhookDraft)
PLACES: dict[str, tuple[set[str], set[str]]] = {
    "webhook.py, constructor": (parameters_of(SinchWebhook.__init__), set()),
    "webhook.py, outputs": ({*SinchWebhook.__annotations__}, set()),
    "inputs.py": ({name for name in FIELDS if "not a property" not in str(validate({name: 1})[1])}, set()),
    "changes.py, STORED": ({*STORED}, set()),
    "api/models.py": (fields_of(Webhook), SECRET),
    "lookup.py, describe": ({*describe([WEBHOOK], "p")[0]}, SECRET),
    "importing/document.py, inputs": (imported("inputs"), set()),
    "importing/document.py, outputs": (imported("outputs"), set()),
    "importing/program.py": (declared(), SECRET),
    "emulator/rules.py": (fields_of(rules.Fields), set()),
    "emulator/store.py": (fields_of(store.Webhook), set()),
    "emulator/store.py, shown": ({*store.Webhook(*"x" * len(fields_of(store.Webhook))).shown}, SECRET),
    "emulator/persistence.py": (fields_of(persistence._Record), set()),
    "emulator/control.py, new": (fields_of(control.NewWebhook), set()),
    "emulator/control.py, change": (fields_of(control.WebhookChange), set()),
    "emulator/server.py, create_webhook": (parameters_of(Emulator.create_webhook), set()),
    "emulator/server.py, change_webhook": (parameters_of(Emulator.change_webhook), set()),
}
"""The fields that each place knows, and those that it need not know."""


@pytest.mark.parametrize(("known", "but"), PLACES.values(), ids=PLACES)
def test_every_field_is_known(known: set[str], but: set[str]) -> None:
    """What is sent of a webhook (`WebhookDraft`) is known wherever webhooks are written, read, kept or shown."""
    assert known - IDENTITY - OURS == FIELDS - but
