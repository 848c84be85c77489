"""The control API under /_emulator/."""

import time
from typing import Any

import pytest
import requests
from pulumi_sinch.callbacks.signature import sign
from pulumi_sinch.emulator import Emulator


class Control:
    """Calls the control API of an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.base = f"{emulator.url}/_emulator"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        return requests.request(method, self.base + path, json=body, headers=headers, timeout=10)


@pytest.fixture
def control(sinch_emulator: Emulator) -> Control:
    return Control(sinch_emulator)


def test_health_and_info(control: Control, sinch_emulator: Emulator) -> None:
    """`health` is for waiting. `info` shows projects and webhooks without secrets."""
    webhook = sinch_emulator.create_webhook("https://a.example", secret="hush")
    assert control("GET", "/health").json() == {"status": "ok"}
    answer = control("GET", "/info")
    assert answer.json()["projects"][sinch_emulator.project_id] == [
        {"id": webhook.id, "projectId": webhook.project_id, "target": webhook.target, "triggers": ["ALL"]}
    ]
    assert answer.json()["quota"] == 15
    assert "hush" not in answer.text


def test_webhooks_out_of_band(control: Control, sinch_emulator: Emulator) -> None:
    """Webhooks can be created, changed, listed and deleted out of band, without entries in the journal."""
    body = {"target": "https://a.example", "triggers": ["SOMETHING_NEW"], "secret": "s1"}
    answer = control("POST", "/webhooks", body)
    assert answer.status_code == 201
    created = answer.json()
    assert control("GET", "/webhooks").json() == {"webhooks": [created]}
    path = f"/webhooks/{created['id']}"
    changed = control("PATCH", path, {"triggers": ["ALL"], "secret": "s2"}).json()
    assert changed == {**created, "triggers": ["ALL"]}
    assert sinch_emulator.webhook(created["id"]).secret == "s2"
    assert control("GET", f"{path}/secret").json() == {"secret": "s2"}
    assert control("DELETE", path).status_code == 204
    assert sinch_emulator.webhooks() == []
    assert sinch_emulator.journal.count() == 0


def test_what_cannot_be_done_is_said(control: Control) -> None:
    """The API's rules apply out of band. Problems are sentences without values."""
    wrong = control("POST", "/webhooks", {"target": "x", "secret": ["hush"]})
    assert (wrong.status_code, wrong.json()) == (400, {"error": "secret: must be a valid string"})
    assert control("POST", "/webhooks", {"target": "x"}).json()["errorCode"] == "invalid_input"
    unknown = control("POST", "/webhooks", {"target": "https://a.example", "project_id": "x"})
    assert (unknown.status_code, unknown.json()) == (404, {"error": "There is no such project."})
    assert control("PATCH", f"/webhooks/{'0' * 32}", {}).status_code == 404
    assert control("DELETE", f"/webhooks/{'0' * 32}").status_code == 404
    assert control("POST", "/faults", {"kind": "status"}).status_code == 400
    assert control("DELETE", "/faults/7").status_code == 404
    assert control("POST", "/clock", {}).status_code == 400
    assert control("PUT", "/latency", {"seconds": -1}).status_code == 400
    assert control("POST", "/faults", {"kind": "reset", "times": "2"}).json() == {
        "error": "times: must be a valid integer"
    }


def test_the_clock_stays_a_date(control: Control) -> None:
    """A time beyond all dates is rejected, because JSON has no infinite number."""
    for change in ({"advance": 1e308}, {"set": -1e308}):
        assert control("POST", "/clock", change).status_code == 400
    assert control("GET", "/info").json()["clock"] == pytest.approx(time.time(), abs=60)


def test_faults_by_http(control: Control, api: requests.Session) -> None:
    """Faults are added, listed with their hits, removed and cleared."""
    number = control("POST", "/faults", {"kind": "status", "status": 503, "method": "GET"}).json()["number"]
    control("POST", "/faults", {"kind": "reset", "times": None})
    assert api.get("").status_code == 503
    first, second = control("GET", "/faults").json()["faults"]
    assert (first["number"], first["kind"], first["hit"], first["spent"]) == (number, "status", 1, True)
    assert (second["kind"], second["times"], second["spent"]) == ("reset", None, False)
    assert control("DELETE", f"/faults/{number}").status_code == 204
    assert control("DELETE", "/faults").status_code == 204
    assert control("GET", "/faults").json() == {"faults": []}
    assert api.get("").status_code == 200


def test_journal_by_http(control: Control, api: requests.Session) -> None:
    """The journal is filtered and cleared. It does not contain requests to the control API."""
    api.get("")
    api.post("", json={"secret": "hush"})
    answer = control("GET", "/journal?method=POST&status=400&path_contains=/webhooks")
    (entry,) = answer.json()["entries"]
    assert (entry["number"], entry["body"]) == (2, {"secret": "[secret]"})
    assert "hush" not in answer.text
    assert [entry["number"] for entry in control("GET", "/journal?after=1").json()["entries"]] == [2]
    assert control("DELETE", "/journal").status_code == 204
    assert control("GET", "/journal").json() == {"entries": []}


def test_tokens_clock_and_latency_by_http(control: Control, sinch_emulator: Emulator) -> None:
    """Tokens expire at once on request, or when the clock moves."""
    auth = (sinch_emulator.key_id, sinch_emulator.key_secret)

    def token() -> str:
        form = {"grant_type": "client_credentials"}
        answer = requests.post(f"{sinch_emulator.url}/oauth2/token", auth=auth, data=form, timeout=10)
        return f"Bearer {answer.json()['access_token']}"

    def status(authorization: str) -> int:
        url = f"{sinch_emulator.url}/v1/projects/{sinch_emulator.project_id}/webhooks"
        return requests.get(url, headers={"Authorization": authorization}, timeout=10).status_code

    first = token()
    assert control("POST", "/tokens/expire").status_code == 204
    assert status(first) == 401
    second = token()
    assert status(second) == 200
    control("POST", "/clock", {"advance": 3601})
    assert status(second) == 401
    assert control("POST", "/clock", {"set": 1000}).json()["clock"] == pytest.approx(1000, abs=5)
    assert status(second) == 200
    control("PUT", "/latency", {"seconds": 0.001})
    assert sinch_emulator.latency == 0.001


def test_reset_goes_back_to_the_start(
    control: Control, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """A reset removes webhooks, faults, journal and latency."""
    sinch_emulator.create_webhook("https://a.example")
    sinch_emulator.latency = 0.001
    sinch_emulator.faults.add("reset", nth=5)
    api.get("")
    assert control("POST", "/reset").status_code == 204
    assert sinch_emulator.webhooks() == []
    assert sinch_emulator.faults.list() == []
    assert sinch_emulator.journal.entries() == []
    assert sinch_emulator.latency == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "rebound.example"},
        {"Host": "[", "Origin": "http://["},
        {"Host": "rebound.example:80", "Origin": "http://rebound.example:80"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/health", "/journal", "/faults"])
def test_no_web_page_of_another_origin_gets_in(control: Control, headers: dict[str, str], path: str) -> None:
    """A foreign Origin, or a foreign Host, is rejected."""
    assert control("GET", path, **headers).status_code == 403


def test_a_callback_does_not_get_in(control: Control, sinch_emulator: Emulator) -> None:
    """A callback to the control API is rejected, even if its host resolves to it only after the check."""
    sinch_emulator.latency = 0.001
    assert control("POST", "/reset", **sign(b"", "s")).status_code == 403
    assert sinch_emulator.latency == 0.001


def test_its_own_page_gets_in(control: Control, sinch_emulator: Emulator) -> None:
    """Requests from the page's own origin are accepted, under any name of this machine."""
    assert control("GET", "/health", Origin=sinch_emulator.url).status_code == 200
    host = sinch_emulator.url.removeprefix("http://").replace("127.0.0.1", "localhost")
    assert control("GET", "/health", Host=host, Origin=f"http://{host}").status_code == 200
