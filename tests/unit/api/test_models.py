import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from odd_webhooks import ENTRIES, WITHOUT_ID, OddWebhooks
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_sinch import UnexpectedResponseError
from pulumi_sinch.api.auth import FixedAuth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.cli import main
from pulumi_sinch.core import accounts
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.lookup import SinchWebhooksProvider
from unit.fakes import FakeTime, ScriptedServer, answer, fields

SHOWN_ENTRIES = {*ENTRIES} - WITHOUT_ID
UNUSABLE = {
    "null-triggers": "triggers must contain at least one trigger",
    "triggers-as-text": "triggers must contain at least one trigger",
    "null-target": "target must have 1 to 742 characters, not 0",
    "target-as-object": "target must have 1 to 742 characters, not 0",
    "unusual-target": "target must be an http or https URL",
    "all-null": "target must have 1 to 742 characters, not 0",
    "surrogate": "target must have 1 to 742 characters, not 0",
}


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch, sinch_emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    """A project with one webhook of each odd kind. Yields their ids by name."""
    monkeypatch.chdir(tmp_path)
    for name, value in sinch_emulator.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(accounts, "_accounts", {})
    return OddWebhooks(monkeypatch).add(sinch_emulator)


def read_with(*bodies: bytes) -> WebhooksClient:
    """Return a client whose server answers with these bodies."""
    server = ScriptedServer(*(answer(200, body) for body in bodies))
    return WebhooksClient(Transport(FakeTime().clock), FixedAuth.bearer("t"), api_url=server.url)


def test_the_list_shows_an_odd_webhook_with_a_dash(odd: dict[str, str]) -> None:
    """A missing field is shown as `-`, and every webhook with an id is listed."""
    ran = CliRunner().invoke(main, ["list"])
    assert ran.exit_code == 0, ran.output
    rows = {id_: rest for id_, *rest in (line.split("\t") for line in ran.output.splitlines())}
    assert {odd[name] for name in SHOWN_ENTRIES} == {*rows}
    assert rows[odd["all-null"]] == ["-", "-"]
    assert rows[odd["triggers-with-null"]][1] == "BUNDLE_DONE"


def test_the_list_for_scripts_holds_an_odd_webhook_with_empty_values(odd: dict[str, str]) -> None:
    """A missing target is an empty string, missing triggers are an empty list."""
    ran = CliRunner().invoke(main, ["list", "--json"])
    assert ran.exit_code == 0, ran.output
    listed = {webhook["id"]: webhook for webhook in json.loads(ran.stdout)["webhooks"]}
    assert {*listed} == {odd[name] for name in SHOWN_ENTRIES}
    assert (listed[odd["all-null"]]["target"], listed[odd["all-null"]]["triggers"]) == ("", [])


def test_a_program_reads_odd_webhooks(odd: dict[str, str], sinch_emulator: Emulator) -> None:
    """`SinchWebhooks.get` returns every webhook that has an id."""
    provider = SinchWebhooksProvider()
    provider.configure(ConfigureRequest(Config({}, "shop")))
    read = provider.read("webhooks", {"project_id": sinch_emulator.project_id})
    found = {webhook["id"]: webhook for webhook in (read.outs or {})["webhooks"]}
    assert {*found} == {odd[name] for name in SHOWN_ENTRIES}
    assert found[odd["triggers-with-null"]]["triggers"] == ["BUNDLE_DONE"]


def test_a_whole_project_is_imported_without_its_odd_webhooks(odd: dict[str, str]) -> None:
    """A webhook that a program cannot declare is skipped in both files, and named with its id and reason."""
    ran = CliRunner().invoke(main, ["import-file"])
    assert ran.exit_code == 0, ran.output
    written = {entry["id"] for entry in json.loads(Path("import.json").read_text())["resources"]}
    assert written == {odd[name] for name in SHOWN_ENTRIES - {*UNUSABLE}}
    for name, reason in UNUSABLE.items():
        assert f"Skipped webhook {odd[name]}: {reason}" in ran.output
        assert odd[name] not in Path("webhooks.py").read_text()


def test_an_odd_webhook_that_is_asked_for_is_an_error(odd: dict[str, str]) -> None:
    """A webhook named by --id that a program cannot declare fails the command, and nothing is written."""
    ran = CliRunner().invoke(main, ["import-file", "--id", odd["null-target"], "--id", odd["null-project"]])
    assert ran.exit_code == 1
    assert f"Webhook {odd['null-target']} cannot be imported: target must have" in ran.output
    assert not Path("import.json").exists()


def test_a_project_with_nothing_but_odd_webhooks_has_nothing_to_import(
    sinch_emulator: Emulator, odd: dict[str, str]
) -> None:
    """The error names every webhook that was skipped, and nothing is written."""
    for name in {*ENTRIES} - {*UNUSABLE}:
        sinch_emulator.delete_webhook(odd[name])
    ran = CliRunner().invoke(main, ["import-file"])
    assert ran.exit_code == 1
    assert all(odd[name] in ran.output for name in UNUSABLE)
    assert not Path("import.json").exists()


@pytest.mark.parametrize(
    "entry", [None, 7, "w2", [], ["w2"], {}, {"target": "https://b.example"}, {"id": "\ud800"}]
)
def test_an_entry_without_a_usable_id_is_left_out(entry: object) -> None:
    """An entry without a usable id is skipped, and the other webhooks are listed."""
    body = json.dumps({"webhooks": [entry, {"id": "w1", "target": "https://a.example"}]}).encode()
    listed = read_with(body).list("p", FakeTime().deadline())
    assert [(webhook.id, webhook.triggers) for webhook in listed] == [("w1", ())]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"webhooks": null}',
        b'{"webhooks": {}}',
        b'{"webhooks": "none"}',
        b'{"webhooks": [], "nextPageToken": 7}',
    ],
)
def test_a_page_without_a_list_is_an_error(body: bytes) -> None:
    """A page without a list is an error. As an empty list, all webhooks would seem to be deleted."""
    with pytest.raises(UnexpectedResponseError):
        read_with(body).list("p", FakeTime().deadline())


def test_a_written_webhook_is_what_was_sent_where_the_response_is_null() -> None:
    """If the response to a write has null fields, the webhook has the fields that were sent."""
    body = b'{"id": "w1", "projectId": null, "target": null, "triggers": null}'
    client, deadline = read_with(body), FakeTime().deadline()
    sent = fields("https://a.example")
    for written in (
        client.create("p", sent, deadline),
        client.replace("p", "w1", sent, deadline),
        client.update("p", "w1", sent, deadline),
    ):
        assert (written.id, written.target, written.triggers) == ("w1", "https://a.example", ("ALL",))
    assert client.update("p", "w1", {"secret": "s"}, deadline).target == ""


@pytest.mark.parametrize("id_", ["null", '""', "7"])
def test_a_created_webhook_without_an_id_is_left_open(id_: str) -> None:
    """If the response to a POST has no id, the create is ambiguous and looks in the list."""
    body = f'{{"id": {id_}, "target": "https://a.example", "triggers": ["ALL"]}}'.encode()
    with pytest.raises(UnexpectedResponseError) as lost:
        read_with(body).create("p", fields(), FakeTime().deadline())
    assert lost.value.ambiguous
