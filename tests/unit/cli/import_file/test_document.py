import json
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sinch import SinchError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference, import_document
from pulumi_sinch.cli.pulumi_json import WEBHOOK_TYPE
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.provider import SinchWebhookProvider

URN = "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::eu"
WEBHOOK = Webhook(id="1f", target="https://hooks.example.com/", triggers=("NEW_ONE", "ALL"))


def secret(value: str) -> dict[str, str]:
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "plaintext": json.dumps(value),
    }


def test_an_entry_holds_the_whole_state() -> None:
    """Inputs and outputs contain the provider. Without a secret, only the outputs have one, an empty one."""
    stored = {
        "__provider": serialize_provider(SinchWebhookProvider()),
        "target": "https://hooks.example.com/",
        "triggers": ["ALL", "NEW_ONE"],
        "project_id": "p",
    }
    assert import_document([Entry("hooks", WEBHOOK)], "p") == {
        "nameTable": {},
        "resources": [
            {
                "type": WEBHOOK_TYPE,
                "name": "hooks",
                "id": "1f",
                "inputs": {**stored, "allow_unknown_triggers": True},
                "outputs": {**stored, "secret": secret(""), "previous_secret": secret("")},
            }
        ],
    }


def test_a_secret_and_an_explicit_provider_are_written_as_the_engine_wants_them() -> None:
    """A secret is marked in inputs and outputs. The provider is referenced by name."""
    document = import_document(
        [Entry("hooks", WEBHOOK, 'with "quotes"')], "p", ProviderReference.parse(f"{URN}::0a1b")
    )
    assert document["nameTable"] == {"eu": URN}
    (resource,) = document["resources"]
    assert resource["provider"] == "eu"
    assert resource["inputs"]["secret"] == resource["outputs"]["secret"] == secret('with "quotes"')


def _plain(value: Any) -> Any:
    """Return a property without its secret mark, as Pulumi's SDK or an import file writes it."""
    if not isinstance(value, dict):
        return value
    return value["value"] if "value" in value else json.loads(value["plaintext"])


def test_what_is_imported_is_what_a_refresh_would_read(sinch_emulator: Emulator) -> None:
    """An imported webhook equals a read one, so a refresh right after the import changes nothing."""
    made = sinch_emulator.create_webhook("https://hooks.example.com/", ["WHATSAPP_SENDER_ACTIVE", "ALL"])
    webhook = Webhook(id=made.id, target=made.target, triggers=made.triggers)
    (resource,) = import_document([Entry("hooks", webhook)], sinch_emulator.project_id)["resources"]
    imported = {
        part: {key: _plain(value) for key, value in resource[part].items() if key != "__provider"}
        for part in ("inputs", "outputs")
    }
    provider = SinchWebhookProvider()
    provider.settings = Settings.read(lambda _: None, sinch_emulator.environment)
    read = provider.read(made.id, imported["outputs"])
    assert {key: _plain(value) for key, value in (read.outs or {}).items()} == imported["outputs"]
    inputs = {key: _plain(value) for key, value in (read.inputs or {}).items()}
    assert inputs == {**imported["inputs"], "previous_secret": ""}


@pytest.mark.parametrize("trigger", ["BUNDLE_DONE", "A_TRIGGER_OF_TOMORROW"])
@pytest.mark.parametrize("known", ["", "receivers-secret"])
def test_check_accepts_the_inputs_and_adds_none(known: str, trigger: str) -> None:
    """`check` accepts imported inputs unchanged. Otherwise the engine warns of a bug in the provider."""
    webhook = Webhook(id="1f", target="https://hooks.example.com/", triggers=(trigger,))
    (resource,) = import_document([Entry("hooks", webhook, known)], "p")["resources"]
    imported = {key: _plain(value) for key, value in resource["inputs"].items() if key != "__provider"}
    checked = SinchWebhookProvider().check(imported, imported)
    assert checked.failures == []
    assert {key: _plain(value) for key, value in checked.inputs.items()} == imported


def test_an_entry_does_not_show_its_secret() -> None:
    """The repr of an entry does not contain the secret."""
    assert "s3cret" not in repr(Entry("hooks", WEBHOOK, "s3cret"))


@pytest.mark.parametrize(
    ("urn", "name"),
    [
        (URN, "eu"),
        (f" {URN}\n", "eu"),
        (f"{URN}::5d1c-0a", "eu"),
        ("urn:pulumi:dev::shop::my:mod:Part$pulumi:providers:pulumi-python::us-1", "us-1"),
    ],
)
def test_the_urn_of_a_provider_is_read(urn: str, name: str) -> None:
    """A URN is read as `pulumi stack --show-urns` or a state writes it, also in a component."""
    assert ProviderReference.parse(urn).name == name
    assert ProviderReference.parse(urn).urn.endswith(f"::{name}")


@pytest.mark.parametrize(
    "urn", ["eu", "", "urn:pulumi:dev::shop::pulumi:providers:aws::eu", URN[:-2], f"{URN} x"]
)
def test_what_is_no_urn_of_such_a_provider_is_refused(urn: str) -> None:
    """The error for an invalid URN shows the format, and the command that prints URNs."""
    with pytest.raises(SinchError, match=r"URN such as(.|\n)*show-urns"):
        ProviderReference.parse(urn)
